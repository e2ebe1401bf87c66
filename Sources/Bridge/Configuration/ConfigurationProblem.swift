/// One thing wrong with the configuration, shown as `file:line:column: key.path: message`.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named to us, or `environment`.
    public let file: String
    /// Absent for what stands in no file.
    public let location: SourceLocation?
    /// `accounts[0].longbridge.app_secret`; empty for the document itself.
    public let keyPath: String
    /// Safe to show: never the value of a secret.
    public let message: String

    /// One problem; the message is shown as it is.
    public init(file: String, location: SourceLocation?, keyPath: String, message: String) {
        self.file = file
        self.location = location
        self.keyPath = keyPath
        self.message = message
    }

    /// `file:line:column: key.path: message`, without what is absent.
    public var description: String {
        let place = location.map { "\(file):\($0.line):\($0.column)" } ?? file
        return keyPath.isEmpty ? "\(place): \(message)" : "\(place): \(keyPath): \(message)"
    }
}

/// Everything wrong with a configuration, in the order of the file; never empty.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// In the order of the file, the environment last.
    public let problems: [ConfigurationProblem]

    /// `problems` is not empty.
    public init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
