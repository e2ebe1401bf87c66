internal import Bridge
internal import Glibc

/// `brokerbridge check-config FILE`: what `serve --config FILE` would say, without starting anything.
enum CheckConfigurationCommand {
    static func run(_ file: String) throws(CommandFailure) {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(file: file, environment: ProcessSetUp.environment)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
        do throws(ConfigurationProblem) {
            _ = try configuration.limits.fitted(toDescriptors: ProcessSetUp.raiseDescriptorLimit())
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
        ProcessSetUp.write("\(file): \(summary(configuration))\n", to: STDOUT_FILENO)
    }

    private static func summary(_ configuration: Configuration) -> String {
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        return "right; \(count(configuration.accounts.count, "account")), \(count(configuration.keys.count, "key"))"
    }
}
