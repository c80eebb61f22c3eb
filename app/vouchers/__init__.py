"""The voucher code (医保码): activated on phones, shown as a code that changes, decoded for terminals."""
