internal import BrokerModel
internal import BrokerSessions
internal import EventLoops
internal import OpenDWire

/// Orders: what the gateway takes, and how it is told. Each is sent at most once, whatever happens.
extension OpenDTrading {
    /// Amendments and cancellations share a window at the broker; the last of it are for cancellations alone.
    ///
    /// - Source: `futu-opend`, section 13: 20 calls of ModifyOrder in 30 s for an account. The share is ours.
    static let leftForCancellations = 6

    func validate(_ request: OrderRequest) throws(BrokerFailure) {
        try OrderRequests.validate(request, on: account)
    }

    func submit(_ request: OrderRequest, id: OrderID, wait: Duration) async -> WriteOutcome {
        let account: TradingAccount
        do throws(BrokerFailure) { account = try requireAccount() } catch { return .notSent(error) }
        guard let place = OrderRequests.place(request, id: id, on: account) else {
            return .refused(BrokerFailure(.invalidRequest, "The account takes no such orders.", field: "symbol"))
        }
        return await write(.account(account.id), wait: wait) { number in
            var place = place
            place.packetID = number.message
            return place
        } accepted: { reply in
            // Without a number it is found by our tag.
            guard let number = reply.orderIDEx, !number.isEmpty else {
                return .unknown(BrokerFailure(.badAnswer, "The gateway's answer has no order number."))
            }
            return .accepted(brokerOrderID: number)
        }
    }

    func replace(_ order: Order, _ change: OrderChange, wait: Duration) async -> WriteOutcome {
        let account: TradingAccount
        do throws(BrokerFailure) { account = try requireAccount() } catch { return .notSent(error) }
        guard let number = order.brokerOrderID else { return .notSent(OpenDTrading.noNumber) }
        let modify: OpenD.TrdModifyOrder.C2S
        do throws(BrokerFailure) {
            modify = try OrderRequests.replace(order, change, number: number, on: account)
        } catch { return .refused(error) }
        let pacing = OpenDPacing.account(account.id, leaving: OpenDTrading.leftForCancellations)
        return await self.modify(modify, number, pacing, wait: wait)
    }

    func cancel(_ order: Order, wait: Duration) async -> WriteOutcome {
        let account: TradingAccount
        do throws(BrokerFailure) { account = try requireAccount() } catch { return .notSent(error) }
        guard let number = order.brokerOrderID else { return .notSent(OpenDTrading.noNumber) }
        let modify = OrderRequests.cancel(order, number: number, on: account)
        return await self.modify(modify, number, .account(account.id), wait: wait)
    }

    private static let noNumber = BrokerFailure(.invalidRequest, "The broker's number of the order is not known.")

    private func modify(
        _ modify: OpenD.TrdModifyOrder.C2S, _ number: String, _ pacing: OpenDPacing, wait: Duration
    ) async -> WriteOutcome {
        await write(pacing, wait: wait) { packet in
            var modify = modify
            modify.packetID = packet.message
            return modify
        } accepted: { _ in
            .accepted(brokerOrderID: number)
        }
    }

    /// A call that changes something. It goes on when the caller leaves.
    private func write<Request: OpenDRequestMessage>(
        _ pacing: OpenDPacing, wait: Duration,
        _ request: @escaping @LoopActor @Sendable (OpenDPacketNumber) -> Request,
        accepted: @escaping @LoopActor @Sendable (Request.Reply) -> WriteOutcome
    ) async -> WriteOutcome {
        let task = spawn { [self] () async -> WriteOutcome in
            do throws(OpenDCallFailure) {
                let reply = try await calls.call(pacing, wait: wait, timeout: OpenDTrading.timeout, request)
                foundUnlocked()
                return accepted(reply)
            } catch {
                if error.saysLocked { foundLocked() }
                return error.writeOutcome
            }
        }
        return await task.value
    }
}
