"""What tests of Zhoba and of its plugins stand on."""
