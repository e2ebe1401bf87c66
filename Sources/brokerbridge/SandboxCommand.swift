internal import Bridge
internal import EventLoops
internal import Glibc
internal import Sandbox

/// `brokerbridge sandbox`: the simulated broker alone, for the vendor's SDK and for bridges elsewhere.
enum SandboxCommand {
    /// The same history at every start.
    static let seed: UInt64 = 20_261_120

    static func run(_ options: Command.RunOptions) throws(CommandFailure) {
        _ = ProcessSetUp.raiseDescriptorLimit()
        _ = try StateDirectory(opening: options.state)
        if let path = options.readyFile { ReadyFile.remove(path) }
        let (log, output) = try ServeCommand.openLog(level: .info)
        try ProcessRun.run(log: log, output: output, drainLimit: .seconds(2)) { SandboxService(options) }
    }

    /// Listens on loopback, on a port the system chooses.
    @LoopActor
    static func start(_ sandbox: LongbridgeSandbox) throws(CommandFailure) {
        try start(sandbox, on: ListenAddress(ip: .loopback, port: 0))
    }

    @LoopActor
    static func start(_ sandbox: LongbridgeSandbox, on address: ListenAddress) throws(CommandFailure) {
        let socket = try ServeService.socketAddress(address)
        do throws(SocketError) { try sandbox.start(on: socket) } catch {
            throw CommandFailure(.unavailable, "cannot listen on \(address): \(error)")
        }
    }
}

/// The simulated broker as a process runs it.
@LoopActor
private final class SandboxService: ProcessRun.Service {
    private let options: Command.RunOptions
    private let sandbox = LongbridgeSandbox(seed: SandboxCommand.seed, credentials: .random())

    init(_ options: Command.RunOptions) {
        self.options = options
    }

    func start() async throws(CommandFailure) {
        let address = options.listen.first ?? ListenAddress(ip: .loopback, port: 0)
        guard address.ip.isLoopback else {
            throw CommandFailure(.usage, "the simulated broker listens on loopback only, not on \(address)")
        }
        try SandboxCommand.start(sandbox, on: address)
        if let path = options.readyFile {
            try ReadyFile(
                url: sandbox.httpURL, pid: getpid(), accounts: [], key: nil, sandbox: sandbox.environment,
                openD: sandbox.openD
            ).write(to: path)
        }
        ProcessSetUp.write(
            StartUpText.simulating(
                url: sandbox.httpURL, environment: sandbox.environment, openDPort: sandbox.openD?.port),
            to: STDOUT_FILENO)
    }

    func stop(within limit: Duration) async {
        if let path = options.readyFile { ReadyFile.remove(path) }
        await sandbox.stop()
    }

    func reload() {}
}
