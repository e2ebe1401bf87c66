internal import COpenSSL

/// A token, key or password that cannot be printed, encoded, mirrored or compared by accident.
///
/// Copies share one buffer, which is overwritten when the last of them is gone. What a caller copies out of
/// ``withBytes(_:)`` is the caller's to guard; comparing is done with ``matches(_:)``.
public struct Secret: Sendable {
    private let storage: Storage

    /// Takes the bytes as they are.
    public init(_ bytes: [UInt8]) {
        storage = Storage(bytes)
    }

    /// Takes the UTF-8 bytes of `text`.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Whether there are no bytes at all, which is never a usable secret.
    public var isEmpty: Bool { storage.bytes.isEmpty }

    /// Lends the bytes to `body`: the only way to read them.
    public func withBytes<R, E: Error>(_ body: ([UInt8]) throws(E) -> R) throws(E) -> R {
        try body(storage.bytes)
    }

    /// Whether `bytes` are this secret, compared in constant time; an empty secret matches nothing.
    public func matches(_ bytes: [UInt8]) -> Bool {
        !isEmpty && constantTimeEquals(storage.bytes, bytes)
    }

    /// Written by `init` and `deinit` only, hence safe to share.
    private final class Storage: @unchecked Sendable {
        private(set) var bytes: [UInt8]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        deinit {
            bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret>`, for an empty one too.
    public var description: String { "<secret>" }

    /// Always `<secret>`.
    public var debugDescription: String { "<secret>" }

    /// Without children, so that `dump` and reflection see nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
