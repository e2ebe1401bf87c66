internal import Bridge
internal import Glibc

/// `brokerbridge serve`: checks, locks, and hands over to the loop until the end.
enum ServeCommand {
    static func run(_ options: Command.ServeOptions) throws(CommandFailure) {
        let descriptors = ProcessSetUp.raiseDescriptorLimit()
        let preparation = try ServePreparation(
            options, environment: ProcessSetUp.environment, descriptors: descriptors)
        // Held, with its lock, until the process ends.
        _ = try StateDirectory(opening: options.run.state)
        if let path = options.run.readyFile { ReadyFile.remove(path) }
        let configuration = preparation.configuration
        let (log, output) = try openLog(level: configuration.log.level)
        log.info("process.limits", .limit(descriptors), .count(configuration.limits.connections))
        try ProcessRun.run(log: log, output: output, drainLimit: configuration.limits.drainDeadline) {
            ServeService(preparation, log: log)
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
