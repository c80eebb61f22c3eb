"""What any such application needs: no word of insurance in it."""
