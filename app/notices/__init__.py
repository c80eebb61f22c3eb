"""What people are told: WeChat messages, SMS, and the list on the phone."""
