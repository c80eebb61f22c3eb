"""Chronic-disease benefits (门诊慢特病, 两病): who is recognised, by which expert, against which criteria."""
