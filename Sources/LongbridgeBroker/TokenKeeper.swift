internal import BrokerModel
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import OAuth
internal import Storage

/// Keeps an account's tokens: performs what ``TokenLifeStateMachine`` decides.
///
/// Deciding nothing itself, it holds the pairs by their generation, one timer, and who waits for a credential. Work it
/// has begun is never cancelled by those who wait: a refresh whose answer nobody takes in would lose the account.
@LoopActor
final class TokenKeeper: CredentialProviding {
    /// How a pair is renewed, and what a call presents of it.
    @LoopActor
    protocol Source: AnyObject {
        /// The pair the configuration gives, if it gives one.
        func configured() -> TokenPair?
        func renew(_ pair: TokenPair) async -> OAuthClient.Outcome
        func form(of pair: TokenPair) -> LongbridgeCredential.Form
        /// What a person has to do when there is no usable pair.
        var advice: String { get }
    }

    /// The status may have changed.
    var onChange: (() -> Void)?
    /// Another pair is in use.
    var onAdopted: (() -> Void)?
    /// A person has logged in.
    var onAuthorized: (() -> Void)?
    /// The token ends within this time and could not be renewed.
    var onWarning: ((Duration) -> Void)?

    /// How many pairs came into use.
    private(set) var adoptions = 0
    /// When a pair was last got, in this process or before.
    private(set) var lastRefresh: WallTime?
    private let alias: String
    private let source: any Source
    private let store: any SecretKeeping
    private var machine = TokenLifeStateMachine()
    private var current: TokenPair?
    private var pairs: [Int: TokenPair] = [:]
    /// What the event that is told next brings.
    private var arriving: TokenPair?
    private var waiters: [Int: Completion<Result<LongbridgeCredential, CredentialFailure>>] = [:]
    private var nextWaiter = 0
    /// Who waits for the next thing that happens.
    private var turns: [Completion<Void>] = []
    private var work: [Int: Task<Void, Never>] = [:]
    private var nextWork = 0
    private var isStarted = false
    private var isStopped = false
    private lazy var timer = LoopTimer { [weak self] in self?.timePassed() }

    init(alias: String, source: any Source, store: any SecretKeeping) {
        self.alias = alias
        self.source = source
        self.store = store
    }

    // MARK: Wishes

    /// Reads the store, once; the first call does it too.
    func start() {
        guard !isStarted else { return }
        isStarted = true
        perform([.readStore])
    }

    /// Waits for what is under way, so that a new pair is stored; at most `limit`.
    func stop(within limit: Duration) async {
        isStopped = true
        timer.cancel()
        let end = Instant.now() + limit
        while !work.isEmpty, Instant.now() < end {
            do throws(CancellationError) { try await sleep(for: .milliseconds(5)) } catch { break }
        }
        for task in work.values { task.cancel() }
        for waiter in waiters.values { waiter.resolve(.failure(.cancelled)) }
        waiters = [:]
    }

    /// What a call may present; waits for a refresh under way, up to `limit`.
    func credential(within limit: Duration) async throws(CredentialFailure) -> LongbridgeCredential {
        start()
        timePassed()
        switch answer() {
        case .success(let credential): return credential
        case .failure(let failure): throw failure
        case nil: break
        }
        guard !isStopped else { throw .cancelled }
        let waiter = Completion<Result<LongbridgeCredential, CredentialFailure>>()
        let number = nextWaiter
        nextWaiter += 1
        waiters[number] = waiter
        let end = LoopTimer {
            waiter.resolve(.failure(.notNow("the token is still being renewed", retryAfter: .seconds(1))))
        }
        end.schedule(after: limit)
        defer {
            end.cancel()
            waiters[number] = nil
        }
        let answer: Result<LongbridgeCredential, CredentialFailure>
        do throws(CancellationError) { answer = try await waiter.value() } catch { throw .cancelled }
        switch answer {
        case .success(let credential): return credential
        case .failure(let failure): throw failure
        }
    }

    /// The API took the credential for ended.
    func rejected(_ credential: LongbridgeCredential) {
        perform(machine.rejected(generation: credential.generation, now: .now(), jitter: .random(in: 0...1)))
    }

    /// Renews now. `false` if there is nothing to renew.
    func renew() -> Bool {
        guard let actions = machine.wanted() else { return false }
        perform(actions)
        return true
    }

    /// A login gave tokens.
    func authorized(_ grant: TokenAnswer.Grant, clientID: String) {
        onAuthorized?()
        let now = WallTime.now()
        arriving = TokenPair(
            access: grant.access, refresh: grant.refresh, expires: now + grant.life, obtained: now, clientID: clientID,
            origin: source.configured()?.origin)
        perform(
            machine.authorized(Self.facts(grant.life, grant.refresh != nil), now: .now(), jitter: .random(in: 0...1)))
    }

    /// Gives up the tokens, and says which they were.
    func forget() -> TokenPair? {
        let pair = current
        perform(machine.forgotten())
        return pair
    }

    /// A person asks for another try of what was refused.
    func reset() {
        guard machine.state == .required else { return }
        run { keeper in
            keeper.machine = TokenLifeStateMachine()
            await keeper.erase()
            await keeper.readStore()
        }
    }

    /// Waits until nothing is under way, up to `limit`.
    func settle(within limit: Duration) async {
        let end = Instant.now() + limit
        while machine.isBusy, !isStopped, Instant.now() < end {
            let turn = Completion<Void>()
            turns.append(turn)
            let timer = LoopTimer { turn.resolve(()) }
            timer.schedule(after: end - .now())
            do throws(CancellationError) { try await turn.value() } catch { return }
            timer.cancel()
        }
    }

    // MARK: State

    /// `ap` or `us`, by the token in use.
    var dataCenter: String { current.map { credential(of: $0, 0).dataCenter } ?? "ap" }
    /// Whether the store has told what it holds.
    var isLoaded: Bool { machine.state != .unloaded }
    var isUnsaved: Bool { machine.isUnsaved }
    var standing: TokenLifeStateMachine.Standing { machine.standing(now: .now()) }
    var lastError: String? { machine.lastError }
    var expires: WallTime? { machine.state == .required ? nil : current?.expires }
    var advice: String { source.advice }

    private func answer() -> Result<LongbridgeCredential, CredentialFailure>? {
        switch machine.credential(now: .now()) {
        case .use(let generation):
            guard let current else { return nil }
            return .success(credential(of: current, generation))
        case .wait: return nil
        case .authorizationRequired:
            let reason = machine.lastError.map { " (\($0))" } ?? ""
            return .failure(.authorizationRequired(source.advice + reason))
        case .notNow(let retryAfter):
            return .failure(
                .notNow(
                    "the token has ended and could not be renewed: \(machine.lastError ?? "not yet")",
                    retryAfter: retryAfter))
        }
    }

    private func credential(of pair: TokenPair, _ generation: Int) -> LongbridgeCredential {
        LongbridgeCredential(form: source.form(of: pair), token: pair.access, generation: generation)
    }

    // MARK: Actions

    private func timePassed() {
        guard !isStopped else { return }
        perform(machine.timePassed(now: .now(), jitter: .random(in: 0...1)))
    }

    private func perform(_ actions: [TokenLifeStateMachine.Action]) {
        for action in actions {
            switch action {
            case .readStore: run { await $0.readStore() }
            case .refresh(let flight): run { await $0.refresh(flight) }
            case .store(let generation):
                if let arriving { pairs[generation] = arriving }
                arriving = nil
                run { await $0.save(generation) }
            case .adopt(let generation):
                if let arriving { pairs[generation] = arriving }
                arriving = nil
                current = pairs[generation]
                pairs = pairs.filter { $0.key >= generation }
                lastRefresh = current?.obtained ?? lastRefresh
                adoptions += 1
                onAdopted?()
            case .keepRefusal(let reason): run { await $0.keepRefusal(reason) }
            case .erase:
                current = nil
                pairs = [:]
                run { await $0.erase() }
            case .warn(let remaining): onWarning?(remaining)
            }
        }
        if let answer = answer() {
            let waiting = waiters
            waiters = [:]
            for waiter in waiting.values { waiter.resolve(answer) }
        }
        let waiting = turns
        turns = []
        for turn in waiting { turn.resolve(()) }
        onChange?()
        guard !isStopped, let deadline = machine.nextDeadline else { return timer.cancel() }
        timer.schedule(after: deadline - .now())
    }

    private func run(_ body: @escaping @LoopActor (TokenKeeper) async -> Void) {
        let number = nextWork
        nextWork += 1
        work[number] = spawn { [weak self] in
            if let self { await body(self) }
            self?.work[number] = nil
        }
    }

    // MARK: Store

    /// What the store or the configuration holds: a pair that descends from the present configuration counts before it.
    private func kept() async throws(SealedStoreError) -> (pair: TokenPair, refusal: String?)? {
        let configured = source.configured()
        let stored: (pair: TokenPair, refusal: String?)?
        do throws(SealedStoreError) {
            stored = try await store.read(.tokens, of: alias).flatMap { TokenPair.stored($0) }
        } catch {
            // What does not open is left as it is; a configured pair is usable without it.
            guard error == .unopenable, let configured else { throw error }
            return (configured, nil)
        }
        guard let configured else { return stored }
        guard let stored, stored.pair.origin == configured.origin else { return (configured, nil) }
        return stored
    }

    private func readStore() async {
        let found: (pair: TokenPair, refusal: String?)?
        do throws(SealedStoreError) { found = try await kept() } catch {
            guard machine.state == .unloaded else { return reread(.unchanged) }
            if error == .unopenable {
                return perform(
                    machine.loaded(nil, refusal: "the kept token: \(error)", now: .now(), jitter: 0))
            }
            let reason = "the kept token cannot be read: \(error)"
            return perform(machine.loadFailed(reason, now: .now(), jitter: .random(in: 0...1)))
        }
        guard machine.state == .unloaded else {
            guard let found, found.refusal == nil, current.map({ !$0.isSame(as: found.pair) }) ?? true else {
                return reread(.unchanged)
            }
            arriving = found.pair
            return reread(.changed(Self.facts(of: found.pair)))
        }
        arriving = found?.pair
        perform(
            machine.loaded(
                found.map { Self.facts(of: $0.pair) }, refusal: found?.refusal,
                unanswered: found?.pair.unanswered ?? 0, now: .now(), jitter: .random(in: 0...1))
        )
        arriving = nil
    }

    private func reread(_ result: TokenLifeStateMachine.Reread) {
        perform(machine.reread(result, now: .now(), jitter: .random(in: 0...1)))
        arriving = nil
    }

    private func save(_ generation: Int) async {
        guard let pair = pairs[generation] else { return }
        do throws(SealedStoreError) {
            try await store.write(pair.encoded(), .tokens, of: alias)
            FaultPoint.reach("refresh.stored")
            perform(machine.stored(generation: generation, now: .now()))
        } catch {
            perform(
                machine.storeFailed(generation: generation, "\(error)", now: .now(), jitter: .random(in: 0...1)))
        }
    }

    private func keepRefusal(_ reason: String) async {
        guard let pair = current else { return }
        current = nil
        pairs = [:]
        try? await store.write(pair.encoded(refusal: reason), .tokens, of: alias)
    }

    private func erase() async { try? await store.remove(.tokens, of: alias) }

    // MARK: Renewal

    private func refresh(_ flight: Int) async {
        guard var pair = current else { return }
        // The server may rotate and we may end before the answer is kept: the next run has to know, and ask again at once.
        pair.unanswered += 1
        current = pair
        try? await store.write(pair.encoded(), .tokens, of: alias)
        FaultPoint.reach("refresh.begun")
        let outcome = await source.renew(pair)
        FaultPoint.reach("refresh.answered")
        let answer: TokenLifeStateMachine.RefreshAnswer
        switch outcome {
        case .answered(.granted(let grant)):
            let now = WallTime.now()
            let refresh = grant.refresh ?? pair.refresh
            arriving = TokenPair(
                access: grant.access, refresh: refresh, expires: now + grant.life, obtained: now,
                clientID: pair.clientID, origin: pair.origin)
            answer = .granted(Self.facts(grant.life, refresh != nil))
        case .answered(.refused(let refusal)):
            answer =
                refusal.code.endsTheGrant
                ? .refused("the authorization server refused: \(refusal.code.rawValue)")
                : .unavailable("the authorization server says: \(refusal.code.rawValue)", retryAfter: nil)
        case .answered(.unavailable(let reason, let retryAfter)):
            answer = .unavailable("the authorization server gave \(reason)", retryAfter: retryAfter)
        case .lost(let reason): answer = .lost(reason)
        case .notSent(let reason): answer = .notSent(reason)
        }
        switch answer {
        case .unavailable, .notSent: take(back: flight)
        case .granted, .refused, .lost: break
        }
        perform(machine.answered(flight: flight, answer, now: .now(), jitter: .random(in: 0...1)))
        arriving = nil
    }

    /// The server has said that it did nothing, or was not asked: the store need not remember the attempt.
    private func take(back flight: Int) {
        guard case .refreshing(flight, _) = machine.state, var pair = current, pair.unanswered > 0 else { return }
        pair.unanswered -= 1
        current = pair
        // In the order of the loop: whatever is stored after this was decided after this.
        run { [pair] keeper in try? await keeper.store.write(pair.encoded(), .tokens, of: keeper.alias) }
    }

    private static func facts(_ life: Duration, _ isRefreshable: Bool) -> TokenLifeStateMachine.Facts {
        TokenLifeStateMachine.Facts(remaining: life, life: life, isRefreshable: isRefreshable)
    }

    private static func facts(of pair: TokenPair) -> TokenLifeStateMachine.Facts {
        TokenLifeStateMachine.Facts(
            remaining: pair.expires.map { $0 - WallTime.now() },
            life: pair.expires.flatMap { end in pair.obtained.map { end - $0 } },
            isRefreshable: pair.refresh != nil)
    }
}

extension TokenAnswer.Code {
    /// Whether it says that this refresh token will never give tokens again.
    /// - Source: `longbridge-http`, section 2.4.
    var endsTheGrant: Bool {
        switch self {
        case .invalidGrant, .invalidClient, .invalidRequest, .unauthorizedClient, .accessDenied, .expiredToken: true
        case .unsupportedGrantType, .invalidScope, .authorizationPending, .slowDown: false
        }
    }
}
