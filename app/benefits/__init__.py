"""What the insurance pays of a bill, and why: policy packs as data, and pure arithmetic over them."""
