internal import COpenSSL

/// Bytes nobody can guess: for keys, tickets, nonces and state parameters.
public enum SecureRandom {
    /// `count` bytes from OpenSSL's generator, seeded by the kernel. A negative count is our own error and traps.
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "a count of random bytes")
        var value = [UInt8](repeating: 0, count: count)
        // Going on with guessable bytes would be worse than ending here.
        precondition(RAND_bytes(&value, Int32(count)) == 1, "the kernel gave no entropy")
        return value
    }
}
