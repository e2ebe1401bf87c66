internal import BrokerModel
internal import Bytes
internal import EventLoops

/// Reads of an account that are under way, so that equal ones are one call.
///
/// A read that began before something changed is finished for those who wait for it, and joined by nobody else: who
/// placed an order sees an answer from behind it. What a limit refused is not shared either; each is told its own time.
@LoopActor
final class SharedReads {
    /// A read under way.
    @LoopActor
    final class Flight {
        fileprivate let answer = Completion<Result<JSONValue, BrokerFailure>>()
        fileprivate var readers = 0
        fileprivate var task: Task<Void, Never>?
        /// Whether the broker has it: then it goes on when all readers leave.
        var isSent = false
    }

    private var flights: [String: Flight] = [:]

    /// How many reads of others a call waits for that are refused, before it asks by itself.
    private static let maximumJoins = 2

    /// Something changed, or is about to: reads under way may not know of it.
    func forget() { flights = [:] }

    /// The answer of the read under way of this name, or of a new one.
    func answer(
        _ name: String,
        _ read: @escaping @LoopActor @Sendable (Flight) async throws(BrokerFailure) -> JSONValue
    ) async throws(BrokerFailure) -> JSONValue {
        for _ in 0..<SharedReads.maximumJoins {
            guard let running = flights[name] else { break }
            do throws(BrokerFailure) { return try await wait(for: running, name) } catch {
                guard error.kind == .rateLimited else { throw error }
            }
        }
        let flight = Flight()
        if flights[name] == nil { flights[name] = flight }
        flight.task = spawn { [weak self] in
            let answer: Result<JSONValue, BrokerFailure>
            do throws(BrokerFailure) { answer = .success(try await read(flight)) } catch { answer = .failure(error) }
            self?.remove(flight, name)
            flight.answer.resolve(answer)
        }
        return try await wait(for: flight, name)
    }

    private func wait(for flight: Flight, _ name: String) async throws(BrokerFailure) -> JSONValue {
        flight.readers += 1
        let answer: Result<JSONValue, BrokerFailure>
        do throws(CancellationError) { answer = try await flight.answer.value() } catch {
            flight.readers -= 1
            if flight.readers == 0, !flight.isSent {
                remove(flight, name)
                flight.task?.cancel()
            }
            throw BrokerFailure(.cancelled, "The caller went away.")
        }
        flight.readers -= 1
        return try answer.get()
    }

    private func remove(_ flight: Flight, _ name: String) {
        if flights[name] === flight { flights[name] = nil }
    }
}
