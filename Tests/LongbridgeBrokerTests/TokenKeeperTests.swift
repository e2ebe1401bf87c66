import Clocks
import Cryptography
import EventLoops
import OAuth
import Storage
import Testing
import TestSupport

@testable import LongbridgeBroker

/// A store that fails or waits as a test wants it.
@LoopActor
private final class BentStore: SecretKeeping {
    var kept: [UInt8]?
    var readFailure: SealedStoreError?
    var writeFailure: SealedStoreError?
    var gate: Completion<Void>?
    private(set) var writes = 0

    func read(_ kind: SealedKind, of account: String) async throws(SealedStoreError) -> [UInt8]? {
        if let readFailure { throw readFailure }
        return kept
    }

    func write(_ bytes: [UInt8], _ kind: SealedKind, of account: String) async throws(SealedStoreError) {
        writes += 1
        if let gate { try? await gate.value() }
        if let writeFailure { throw writeFailure }
        kept = bytes
    }

    func remove(_ kind: SealedKind, of account: String) async throws(SealedStoreError) { kept = nil }

    var pair: TokenPair? { kept.flatMap { TokenPair.stored($0) }?.pair }
    var refusal: String? { kept.flatMap { TokenPair.stored($0) }?.refusal }
}

/// A token endpoint whose answers a test gives.
@LoopActor
private final class ScriptedSource: TokenKeeper.Source {
    var pair: TokenPair?
    var answers: [Completion<OAuthClient.Outcome>] = []
    private(set) var presented: [TokenPair] = []
    let advice = "log in"

    func configured() -> TokenPair? { pair }
    func form(of pair: TokenPair) -> LongbridgeCredential.Form { .bearer(clientID: pair.clientID) }

    func renew(_ pair: TokenPair) async -> OAuthClient.Outcome {
        presented.append(pair)
        let answer = Completion<OAuthClient.Outcome>()
        answers.append(answer)
        return (try? await answer.value()) ?? .lost("cancelled")
    }

    func grant(_ flight: Int, _ name: String) {
        answers[flight].resolve(
            .answered(
                .granted(
                    TokenAnswer.Grant(
                        access: Secret("access-\(name)"), refresh: Secret("refresh-\(name)"), life: .seconds(3600)))))
    }
}

@Suite struct TokenKeeperTests {
    init() { LoopRunner.start() }

    private static func pair(_ name: String, life: Duration = .seconds(86_400)) -> TokenPair {
        TokenPair(
            access: Secret("access-\(name)"), refresh: Secret("refresh-\(name)"), expires: .now() + life,
            obtained: .now(), clientID: "c")
    }

    @LoopActor
    private static func bench(_ name: String? = "1", life: Duration = .seconds(86_400)) -> (
        keeper: TokenKeeper, source: ScriptedSource, store: BentStore
    ) {
        let source = ScriptedSource()
        let store = BentStore()
        store.kept = name.map { pair($0, life: life).encoded() }
        return (TokenKeeper(alias: "main", source: source, store: store), source, store)
    }

    @LoopActor
    private static func token(_ keeper: TokenKeeper) async -> String {
        do throws(CredentialFailure) {
            return try await keeper.credential(within: .seconds(10)).token.withBytes {
                String(decoding: $0, as: UTF8.self)
            }
        } catch { return "\(error)" }
    }

    @Test @LoopActor func hundredCallersOfAnEndedTokenShareOneRenewal() async throws {
        let (keeper, source, store) = Self.bench(life: .seconds(-5))
        let callers = (0..<100).map { _ in spawn { await Self.token(keeper) } }
        #expect(await until { source.answers.count == 1 })
        source.grant(0, "2")
        for caller in callers { #expect(await caller.value == "access-2") }
        #expect(source.presented.count == 1)
        #expect(store.pair?.isSame(as: Self.pair("2")) == true)
    }

    @Test @LoopActor func aNewPairIsInTheStoreBeforeItIsUsed() async throws {
        let (keeper, source, store) = Self.bench()
        #expect(await Self.token(keeper) == "access-1")
        #expect(keeper.renew())
        #expect(await until { source.answers.count == 1 })
        store.gate = Completion()
        let before = store.writes
        source.grant(0, "2")
        #expect(await until { store.writes == before + 1 })
        #expect(await Self.token(keeper) == "access-1")
        #expect(store.pair?.isSame(as: Self.pair("1")) == true)
        store.gate?.resolve(())
        await keeper.settle(within: .seconds(10))
        #expect(await Self.token(keeper) == "access-2")
    }

    @Test @LoopActor func aRenewalIsInTheStoreBeforeItLeavesUntilItsAnswerIsKnown() async throws {
        let (keeper, source, store) = Self.bench()
        #expect(await Self.token(keeper) == "access-1")
        store.gate = Completion()
        #expect(keeper.renew())
        #expect(await until { store.writes == 1 })
        #expect(source.answers.isEmpty)
        store.gate?.resolve(())
        store.gate = nil
        #expect(await until { source.answers.count == 1 })
        #expect(store.pair?.unanswered == 1)
        // The server says that it did nothing: there is nothing to be repeated by the next run.
        source.answers.first?.resolve(.answered(.unavailable(reason: "503", retryAfter: .seconds(60))))
        #expect(await until { store.pair?.unanswered == 0 })
        #expect(store.pair?.isSame(as: Self.pair("1")) == true)
    }

    @Test @LoopActor func ifTheStoreFailsTheNewPairIsUsedAndStoredLater() async throws {
        let (keeper, source, store) = Self.bench()
        #expect(await Self.token(keeper) == "access-1")
        store.writeFailure = .storage(.full)
        #expect(keeper.renew())
        #expect(await until { source.answers.count == 1 })
        source.grant(0, "2")
        #expect(await until { keeper.isUnsaved })
        #expect(await Self.token(keeper) == "access-2")
        #expect(keeper.lastError?.contains("disk is full") == true)
        store.writeFailure = nil
        #expect(await until { !keeper.isUnsaved })
        #expect(store.pair?.isSame(as: Self.pair("2")) == true)
        #expect(await Self.token(keeper) == "access-2")
    }

    @Test @LoopActor func aCallerThatLeavesEndsNoRenewal() async throws {
        let (keeper, source, store) = Self.bench(life: .seconds(-5))
        let caller = spawn { await Self.token(keeper) }
        #expect(await until { source.answers.count == 1 })
        caller.cancel()
        #expect(await caller.value == "cancelled")
        source.grant(0, "2")
        #expect(await until { store.pair?.isSame(as: Self.pair("2")) == true })
    }

    @Test @LoopActor func anEndWaitsForTheRenewalUnderWay() async throws {
        let (keeper, source, store) = Self.bench()
        #expect(await Self.token(keeper) == "access-1")
        #expect(keeper.renew())
        #expect(await until { source.answers.count == 1 })
        let stopping = spawn { await keeper.stop(within: .seconds(10)) }
        source.grant(0, "2")
        await stopping.value
        #expect(store.pair?.isSame(as: Self.pair("2")) == true)
    }

    @Test @LoopActor func aRefusalIsKeptAndNotTriedAgain() async throws {
        let (keeper, source, store) = Self.bench(life: .seconds(-5))
        let caller = spawn { await Self.token(keeper) }
        #expect(await until { source.answers.count == 1 })
        source.answers[0].resolve(.answered(.refused(TokenAnswer.Refusal(code: .invalidGrant))))
        #expect(await caller.value.contains("authorizationRequired"))
        #expect(await until { store.refusal != nil })
        let (next, nextSource, _) = (
            TokenKeeper(alias: "main", source: source, store: store), source, store
        )
        #expect(await Self.token(next).contains("authorizationRequired"))
        #expect(nextSource.presented.count == 1)
    }

    @Test @LoopActor func aLoginInTheStoreMeanwhileIsUsedAfterARefusal() async throws {
        let (keeper, source, store) = Self.bench(life: .seconds(-5))
        let caller = spawn { await Self.token(keeper) }
        #expect(await until { source.answers.count == 1 })
        store.kept = Self.pair("other").encoded()
        source.answers[0].resolve(.answered(.refused(TokenAnswer.Refusal(code: .invalidGrant))))
        #expect(await caller.value == "access-other")
    }

    @Test @LoopActor func whatDoesNotOpenIsLeftAsItIs() async throws {
        let (keeper, _, store) = Self.bench()
        let before = store.kept
        store.readFailure = .unopenable
        #expect(await Self.token(keeper).contains("authorizationRequired"))
        #expect(store.kept == before && store.writes == 0)
    }

    @Test @LoopActor func aStoreThatCannotBeReadForAWhileIsReadAgain() async throws {
        let (keeper, _, store) = Self.bench()
        store.readFailure = .storage(.failing("EIO"))
        let caller = spawn { await Self.token(keeper) }
        #expect(await until { keeper.lastError != nil })
        store.readFailure = nil
        #expect(await caller.value == "access-1")
    }

    @Test @LoopActor func aDescendantOfTheConfiguredTokenCountsBeforeItAndAnotherConfiguredOneBeforeBoth() async throws
    {
        let source = ScriptedSource()
        let store = BentStore()
        var configured = Self.pair("configured")
        configured.origin = [1]
        source.pair = configured
        var kept = Self.pair("renewed")
        kept.origin = [1]
        store.kept = kept.encoded()
        #expect(await Self.token(TokenKeeper(alias: "main", source: source, store: store)) == "access-renewed")
        source.pair?.origin = [2]
        #expect(await Self.token(TokenKeeper(alias: "main", source: source, store: store)) == "access-configured")
    }

    @Test @LoopActor func aWaitHasAnEnd() async throws {
        let (keeper, source, _) = Self.bench(life: .seconds(-5))
        await #expect(throws: CredentialFailure.self) { try await keeper.credential(within: .milliseconds(50)) }
        #expect(source.presented.count == 1)
        source.grant(0, "2")
        #expect(await until { keeper.adoptions == 2 })
    }
}
