internal import BrokerModel
internal import EventLoops
internal import Storage

/// What is done when the state was put back to an older copy.
extension BridgeApplication {
    /// Whether orders wait until the state agrees with what the brokers have.
    var isStateReturned: Bool { ledgers.values.contains { $0.isReturned && !$0.isReconciled } }

    /// Takes over what the database found of itself, and listens for what the brokers show of it.
    func beginReconciling() {
        for ledger in ledgers.values {
            ledger.onReconciled = { [weak self] in self?.settleState() }
            ledger.onRecovered = { [weak self] in self?.stateReturned(because: "the broker has the order \($0)") }
        }
        guard let reason = database.mark?.returned else { return }
        tellReturned(reason)
        settleState()
    }

    /// An order that is not in the state shows that it is older than it was, though nothing on this machine did.
    private func stateReturned(because reason: String) {
        guard !ledgers.values.contains(where: \.isReturned) else { return }
        tellReturned(reason)
        spawn { [self] in
            do throws(StorageError) {
                try await database.write { connection throws(StorageError) in try StateMark.renew(on: connection) }
                try await hub.beginAnew()
            } catch {
                log.error("state.not_renewed", .reason("\(error)"))
            }
        }
    }

    private func tellReturned(_ reason: String) {
        log.error("state.returned", .reason(reason))
        trail.state("state.returned", reason: reason)
        for ledger in ledgers.values { ledger.stateReturned() }
    }

    /// Once every account's orders agree with its broker's, the state counts as the newest again.
    private func settleState() {
        let isReturned = database.mark?.returned != nil || ledgers.values.contains(where: \.isReturned)
        guard isReturned, ledgers.values.allSatisfy(\.isReconciled) else { return }
        log.warning("state.reconciled")
        trail.state("state.reconciled")
        spawn { [database, log] in
            do throws(StorageError) {
                try await database.write { connection throws(StorageError) in try StateMark.settle(on: connection) }
            } catch {
                log.error("state.not_settled", .reason("\(error)"))
            }
        }
    }
}
