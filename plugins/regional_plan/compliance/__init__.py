"""What a regional plan lacks, by the rules RV1 to RV8."""
