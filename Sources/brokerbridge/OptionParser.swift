/// One option of a subcommand.
struct OptionDescription: Sendable {
    /// With its dashes.
    let name: String
    /// What stands for the value in the help; absent for a switch.
    let placeholder: String?
    /// May be given more than once.
    var isRepeatable = false
    /// Has to be given.
    var isRequired = false
    let meaning: String

    /// The name with what stands for its value.
    var shown: String { placeholder.map { "\(name) \($0)" } ?? name }
}

/// One subcommand: its words, what it takes, and its help.
struct CommandDescription: Sendable {
    /// `serve`, `key create`.
    let words: [String]
    let summary: String
    let options: [OptionDescription]
    /// Placeholders of the arguments without dashes; all are required.
    let operands: [String]
    /// Further paragraphs of the help.
    var notes = ""

    var name: String { words.joined(separator: " ") }

    var usage: String {
        var parts = ["brokerbridge", name]
        for option in options {
            var text = option.shown
            if !option.isRequired { text = "[\(text)]" }
            if option.isRepeatable { text += "…" }
            parts.append(text)
        }
        return (parts + operands).joined(separator: " ")
    }

    var help: String {
        var lines = ["\(summary)", "", "Usage: \(usage)"]
        let rows =
            options.map { (left: $0.shown, right: $0.meaning) } + [(left: "--help", right: "Print this and end.")]
        let width = rows.map(\.left.count).max() ?? 0
        lines += ["", "Options:"]
        lines += rows.map { "  \($0.left)\(String(repeating: " ", count: width - $0.left.count))  \($0.right)" }
        if !notes.isEmpty { lines += ["", notes] }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// What a command line gave, checked against a description.
struct ParsedOptions: Equatable {
    private var values: [String: [String]] = [:]
    private(set) var operands: [String] = []

    func isGiven(_ name: String) -> Bool { values[name] != nil }
    func value(_ name: String) -> String? { values[name]?.first }
    func values(_ name: String) -> [String] { values[name] ?? [] }

    /// Reads `--name value` and `--name=value`. Every argument is accounted for: nothing unknown, double, empty or left over.
    init(_ arguments: [String], for command: CommandDescription) throws(CommandFailure) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                operands.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map(String.init) ?? argument
            guard let option = command.options.first(where: { $0.name == name }) else {
                throw CommandFailure(.usage, "unknown option '\(name)' for 'brokerbridge \(command.name)'")
            }
            var value = parts.count > 1 ? String(parts[1]) : nil
            if option.placeholder == nil {
                guard value == nil else { throw CommandFailure(.usage, "\(name) takes no value") }
                value = ""
            } else if value == nil {
                guard let next = rest.first, !next.hasPrefix("--") else {
                    throw CommandFailure(.usage, "\(name) needs a value")
                }
                value = rest.removeFirst()
            }
            if option.placeholder != nil, value?.isEmpty ?? true {
                throw CommandFailure(.usage, "\(name) needs a value")
            }
            guard option.isRepeatable || values[name] == nil else {
                throw CommandFailure(.usage, "\(name) is given twice")
            }
            values[name, default: []].append(value ?? "")
        }
        for option in command.options where option.isRequired && values[option.name] == nil {
            throw CommandFailure(.usage, "\(option.name) is required")
        }
        guard operands.count >= command.operands.count else {
            throw CommandFailure(.usage, "\(command.operands[operands.count]) is required")
        }
        guard operands.count == command.operands.count else {
            throw CommandFailure(.usage, "unexpected argument '\(operands[command.operands.count])'")
        }
    }
}
