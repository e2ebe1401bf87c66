internal import Cryptography

/// Finds one secret of an account where the operator put it: the environment, a file of its own, or the configuration.
///
/// In this order, the first that is given counts: `BROKERBRIDGE_ACCOUNT_<ALIAS>_<KEY>` or the same with `_FILE`; for a
/// single account the vendor's `LONGBRIDGE_<KEY>`, then `LONGPORT_<KEY>`, each also with `_FILE`; then the file's
/// `<key>_file` or `<key>`.
struct SecretSource {
    /// Tokens are below 4 kB; a larger text is some other file.
    static let limit = 16 << 10

    let environment: [String: String]
    let files: FileInspector
    let context: ConfigurationContext
    /// The rights of the configuration file when others can read it: a secret may not stand in it then.
    let sharedRights: String?

    /// The two settings of one secret: its text, and the file that holds it.
    struct Pair {
        let text: Setting<Secret>
        let file: Setting<String>
    }

    /// Whether the operator put it anywhere, right or wrong.
    func isGiven(_ pair: Pair, in section: SectionReader, names: [String]) -> Bool {
        section.has(pair.text.key) || section.has(pair.file.key)
            || names.contains { environment[$0] != nil || environment["\($0)_FILE"] != nil }
    }

    /// The value, or `nil` after a report; without a report if it is not given and not required. `names` are the
    /// environment names without `_FILE`, in the order of precedence.
    func find(_ pair: Pair, in section: SectionReader, names: [String], isRequired: Bool = true) -> Secret? {
        let written = section.optional(pair.text)
        let path = section.optional(pair.file)
        if section.has(pair.text.key), section.has(pair.file.key) {
            section.report("given both here and as \(pair.text.key)", key: pair.file.key)
        }
        if section.has(pair.text.key), let sharedRights {
            section.report(
                "a secret stands in a file that other users can reach (mode \(sharedRights)): chmod 600 the file, "
                    + "or use \(pair.file.key)", key: pair.text.key)
        }
        for name in names where environment[name] != nil || environment["\(name)_FILE"] != nil {
            return fromEnvironment(name)
        }
        if let path { return read(path) { section.report($0, key: pair.file.key) } }
        if let written { return written }
        if isRequired, !section.has(pair.text.key), !section.has(pair.file.key) {
            let first = names.first.map { ", or \($0) in the environment" } ?? ""
            section.report("this key is required: \(pair.text.key), \(pair.file.key)\(first)", key: pair.text.key)
        }
        return nil
    }

    /// The variable's secret, or that of the file it names with `_FILE`.
    func fromEnvironment(_ name: String) -> Secret? {
        let fileName = "\(name)_FILE"
        if environment[name] != nil, environment[fileName] != nil {
            context.report(environment: fileName, "given both as \(name) and as \(fileName)")
            return nil
        }
        if let path = environment[fileName] { return read(path) { context.report(environment: fileName, $0) } }
        guard let text = environment[name] else { return nil }
        guard Self.isUsable(text) else {
            context.report(environment: name, Self.refusal)
            return nil
        }
        return Secret(text)
    }

    /// One line; the line end that editors leave is not part of the secret.
    func read(_ path: String, report: (String) -> Void) -> Secret? {
        do throws(FileInspector.Refusal) {
            var bytes = try files.read(path, limit: Self.limit, isSecret: true)
            if bytes.last == 0x0a { bytes.removeLast() }
            if bytes.last == 0x0d { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self), Self.isUsable(text) else {
                report("\(path): \(Self.refusal)")
                return nil
            }
            return Secret(text)
        } catch {
            report(error.message)
            return nil
        }
    }

    static let refusal = "the secret is empty, too long, or holds a character other than visible ASCII"

    /// Whether it can stand in a header field as it is.
    static func isUsable(_ text: String) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension Form where Value == Secret {
    /// A secret's text; never shown in a message.
    static var secret: Form {
        .scalar("secret text") { text throws(FormError) in
            guard SecretSource.isUsable(text) else { throw FormError(SecretSource.refusal) }
            return Secret(text)
        }
    }
}
