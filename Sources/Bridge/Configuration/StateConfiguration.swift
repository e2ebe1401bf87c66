public import Cryptography
internal import Bytes

/// How what is kept in the state folder is protected.
public struct StateConfiguration: Sendable {
    /// Seals tokens; `nil` to use, or make, the key in the state folder.
    public var key: SealingKey?
    /// Where the key came from, for messages.
    public var keySource = "the file state-key in the state folder"

    /// The defaults.
    public init() {}

    private static let keyFile = Setting(
        "state.key_file", .path, default: "made in the state folder",
        "A file with the key that seals kept tokens: 32 bytes as 64 hexadecimal digits or in base64. "
            + "`BROKERBRIDGE_STATE_KEY`, or the same with `_FILE`, counts before it.")

    static let rows = [keyFile.row]
    private static let variable = "BROKERBRIDGE_STATE_KEY"

    init(reading section: SectionReader, secrets: SecretSource) {
        self.init()
        let path = section.optional(Self.keyFile)
        let name = Self.variable
        if secrets.environment[name] != nil || secrets.environment["\(name)_FILE"] != nil {
            keySource = "\(name) in the environment"
            guard let text = secrets.fromEnvironment(name) else { return }
            key = Self.key(text)
            if key == nil { secrets.context.report(environment: name, Self.refusal) }
        } else if let path {
            keySource = path
            guard let text = secrets.read(path, report: { section.report($0, key: "key_file") }) else { return }
            key = Self.key(text)
            if key == nil { section.report("\(path): \(Self.refusal)", key: "key_file") }
        }
    }

    private static let refusal = "expected 32 bytes, as 64 hexadecimal digits or in base64 (openssl rand -hex 32)"

    /// Reads a key's text; `nil` for anything that is not 32 bytes.
    public static func key(_ text: Secret) -> SealingKey? {
        text.withBytes { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let key = bytes.count == 64 ? Hex.decode(text) : Base64.decode(text) ?? Base64URL.decode(text)
            return key.flatMap { SealingKey($0) }
        }
    }
}
