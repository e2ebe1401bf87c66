/// What one reading of a configuration shares: where problems gather, and which settings were asked for.
///
/// Lives for one call, on one thread.
final class ConfigurationContext {
    let file: String
    /// Where relative paths start; empty for the working directory.
    let directory: String
    private let hasPlaces: Bool
    private(set) var problems: [ConfigurationProblem] = []
    /// The schema paths the reading asked for; a test compares them with the schema.
    private(set) var askedFor: Set<String> = []

    /// - Parameter hasPlaces: false when there is no file whose lines could be named.
    init(file: String, hasPlaces: Bool = true) {
        self.file = file
        self.hasPlaces = hasPlaces
        directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    }

    func report(_ message: String, at location: SourceLocation?, path: String) {
        let location = hasPlaces ? location : nil
        problems.append(ConfigurationProblem(file: file, location: location, keyPath: path, message: message))
    }

    func report(environment name: String, _ message: String) {
        problems.append(ConfigurationProblem(file: "environment", location: nil, keyPath: name, message: message))
    }

    func noteAsked(_ path: String) {
        askedFor.insert(path)
    }

    /// In the order of the file, the environment last.
    var sortedProblems: [ConfigurationProblem] {
        problems.enumerated().sorted { left, right in
            let (a, b) = (left.element.location, right.element.location)
            switch (a, b) {
            case (nil, nil): return left.offset < right.offset
            case (nil, _): return false
            case (_, nil): return true
            case (let a?, let b?):
                return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
            }
        }.map(\.element)
    }
}
