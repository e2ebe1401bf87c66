internal import Bridge
internal import Glibc

@main
struct Program {
    static func main() {
        ProcessSetUp.harden()
        do throws(CommandFailure) {
            let status = try run(try Command(Array(CommandLine.arguments.dropFirst())))
            exit(status.rawValue)
        } catch {
            ProcessSetUp.write(error.text, to: STDERR_FILENO)
            exit(error.status.rawValue)
        }
    }

    private static func run(_ command: Command) throws(CommandFailure) -> ExitStatus {
        switch command {
        case .help(let text): ProcessSetUp.write(text, to: STDOUT_FILENO)
        case .version: ProcessSetUp.write("brokerbridge \(BuildInformation.version)\n", to: STDOUT_FILENO)
        case .createKey(let options): try KeyCreateCommand.run(options)
        case .listKeys(let state): try KeyStateCommands.list(in: state)
        case .revokeKey(let state, let id): try KeyStateCommands.revoke(id, in: state)
        case .verifyAudit(let options): return try AuditCommands.verify(options)
        case .exportAudit(let options): try AuditCommands.export(options)
        case .checkConfiguration(let file): try CheckConfigurationCommand.run(file)
        case .healthcheck(let url): try HealthcheckCommand.run(url)
        case .login(let options): try LoginCommand.run(options, environment: ProcessSetUp.environment)
        case .serve(let options): try ServeCommand.run(options)
        case .sandbox(let options): try SandboxCommand.run(options)
        }
        return .success
    }
}
