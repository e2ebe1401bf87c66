/// How the program ends, in the numbers of sysexits.h.
enum ExitStatus: Int32 {
    case success = 0
    /// Something failed while running; also an unhealthy answer of `healthcheck`.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// Cannot listen where it should.
    case unavailable = 69
    /// The state folder or the ready file cannot be used.
    case cannotCreate = 73
    /// Another process holds the state folder.
    case temporary = 75
    /// The configuration is wrong.
    case configuration = 78
}

/// Why a command ends early: the status, and what stderr is told.
struct CommandFailure: Error, Equatable {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// For stderr. Problems of a configuration name their file first, as editors expect, and so stand alone.
    var text: String {
        switch status {
        case .configuration: "\(message)\n"
        case .usage: "brokerbridge: \(message)\nTry 'brokerbridge --help'.\n"
        case .success, .failure, .unavailable, .cannotCreate, .temporary: "brokerbridge: \(message)\n"
        }
    }
}
