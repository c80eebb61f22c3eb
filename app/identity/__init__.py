"""Who somebody is: accounts, sign-in, real names, persons, coverages, kinship, organisations, roles, and who saw what."""
