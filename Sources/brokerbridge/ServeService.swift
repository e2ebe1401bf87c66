internal import Bridge
internal import EventLoops

/// The bridge as a process runs it: listeners, brokers, and the sandbox if one was asked for.
@LoopActor
final class ServeService: ProcessRun.Service {
    private let preparation: ServePreparation
    private let log: Log
    private var configuration: Configuration

    init(_ preparation: ServePreparation, log: Log) {
        self.preparation = preparation
        self.log = log
        configuration = preparation.configuration
    }

    func start() async throws(CommandFailure) {
        throw CommandFailure(.failure, "this build has no server yet")
    }

    func stop(within limit: Duration) async {
        if let path = preparation.options.run.readyFile { ReadyFile.remove(path) }
    }

    /// All or nothing: a file with any mistake changes nothing.
    func reload() {
        let newer: Configuration
        do throws(CommandFailure) {
            newer = try preparation.reread(environment: ProcessSetUp.environment)
        } catch {
            for line in error.message.split(separator: "\n") {
                log.error("configuration.problem", .reason(String(line)))
            }
            log.error("configuration.kept")
            return
        }
        for section in configuration.sectionsNeedingRestart(against: newer) {
            log.warning("configuration.needs_restart", .setting(section))
        }
        take(newer)
        log.info("configuration.reloaded", .count(newer.keys.count))
    }

    private func take(_ newer: Configuration) {
        log.setLevel(newer.log.level)
        configuration.keys = newer.keys
        configuration.cors = newer.cors
        configuration.log = newer.log
    }
}
