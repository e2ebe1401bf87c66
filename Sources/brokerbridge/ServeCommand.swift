internal import AuditLog
internal import Bridge
internal import Glibc
internal import Storage

/// `brokerbridge serve`: checks, locks, and hands over to the loop until the end.
enum ServeCommand {
    static func run(_ options: Command.ServeOptions) throws(CommandFailure) {
        let descriptors = ProcessSetUp.raiseDescriptorLimit()
        let preparation = try ServePreparation(
            options, environment: ProcessSetUp.environment, descriptors: descriptors)
        // Held, with its lock, until the process ends.
        _ = try StateDirectory(opening: options.run.state)
        let database = try openDatabase(in: options.run.state)
        let configuration = preparation.configuration
        let audit = try openAudit(configuration.audit, in: options.run.state)
        if let path = options.run.readyFile { ReadyFile.remove(path) }
        let (log, output) = try openLog(level: configuration.log.level)
        log.info("process.limits", .limit(descriptors), .count(configuration.limits.connections))
        try ProcessRun.run(log: log, output: output, drainLimit: configuration.limits.drainDeadline) {
            ServeService(preparation, database: database, audit: audit, log: log)
        }
    }

    /// The one file of the state.
    private static func openDatabase(in state: String) throws(CommandFailure) -> Database {
        let path = "\(state)/bridge.sqlite"
        do throws(StorageError) { return try Database.open(path: path) } catch {
            throw CommandFailure(.unavailable, "\(path): \(error)")
        }
    }

    private static func openAudit(
        _ configuration: AuditConfiguration, in state: String
    ) throws(CommandFailure) -> AuditLog {
        do throws(AuditError) {
            return try AuditLog.open(state: state, keyFile: configuration.keyFile, options: configuration.options)
        } catch {
            throw CommandFailure(.cannotCreate, "the audit log in \(state) cannot be used: \(error)")
        }
    }

    /// The log on standard error.
    static func openLog(level: LogLevel) throws(CommandFailure) -> (Log, PipedLogOutput) {
        guard let output = PipedLogOutput(writingTo: STDERR_FILENO) else {
            throw CommandFailure(.failure, "no descriptor or thread is left for the log")
        }
        return (Log(level: level, output: output), output)
    }
}
