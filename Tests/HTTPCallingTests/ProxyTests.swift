import EventLoops
import Glibc
import HTTPCalling
import TestSupport
import Testing

/// Each in a process of its own, since libcurl reads the environment, which belongs to the whole process.
@Suite struct ProxyTests {
    @Test func theProxyOfTheEnvironmentIsAskedForATunnelAndSeesNothingElse() async {
        await #expect(processExitsWith: .success) {
            LoopRunner.start()
            let outcome = await outcomeThroughProxy(url: "https://broker.example/v1?t=tok-1", noProxy: "")
            precondition(outcome.requests.first?.hasPrefix("CONNECT broker.example:443 HTTP/1.1\r\n") == true)
            precondition(outcome.requests.allSatisfy { !$0.contains("tok-") })
            guard case .notSent = outcome.error else { preconditionFailure("\(String(describing: outcome.error))") }
        }
    }

    @Test func noProxyIsObeyed() async {
        await #expect(processExitsWith: .success) {
            LoopRunner.start()
            let outcome = await outcomeThroughProxy(url: "https://broker.invalid/", noProxy: "broker.invalid")
            precondition(outcome.requests.isEmpty && outcome.error != nil)
        }
    }

    @Test func thisMachineIsNeverAskedForThroughAProxy() async {
        await #expect(processExitsWith: .success) {
            LoopRunner.start()
            let direct = await reachesThisMachineDirectly()
            precondition(direct)
        }
    }
}

private struct ProxyOutcome: Sendable {
    var requests: [String] = []
    var error: HTTPCallError?
}

@LoopActor
private func outcomeThroughProxy(url: String, noProxy: String) async -> ProxyOutcome {
    guard let proxy = try? ScriptedServer({ _ in .answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") })
    else { return ProxyOutcome() }
    setenv("https_proxy", proxy.url, 1)
    setenv("no_proxy", noProxy, 1)
    var outcome = ProxyOutcome()
    do throws(HTTPCallError) {
        let fields = [("Authorization", "tok-2")]
        _ = try await HTTPCaller().call(HTTPCall(url: url, fields: fields, deadline: .seconds(5)))
    } catch {
        outcome.error = error
    }
    outcome.requests = proxy.requests
    return outcome
}

@LoopActor
private func reachesThisMachineDirectly() async -> Bool {
    guard let server = try? ScriptedServer({ _ in .answer(ok("")) }) else { return false }
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    setenv("all_proxy", "http://127.0.0.1:1", 1)
    unsetenv("no_proxy")
    for host in ["127.0.0.1", "localhost"] {
        let status = try? await HTTPCaller().call(HTTPCall(url: "http://\(host):\(server.port)/")).status
        guard status == 200 else { return false }
    }
    return true
}
