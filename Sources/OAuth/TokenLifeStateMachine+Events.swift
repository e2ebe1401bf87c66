public import Clocks

/// What happens to a token pair. Each event gives the actions it leads to; `jitter` is 0 to 1.
extension TokenLifeStateMachine {
    // MARK: The store

    /// The store has told, for the first time.
    ///
    /// - Parameters:
    ///   - facts: of the kept pair, which becomes generation 1; `nil` if nothing usable is kept.
    ///   - refusal: why a person must act, where that is known already.
    ///   - unanswered: renewals begun with this pair in earlier runs whose answers nobody saw. After one, the server may have
    ///     rotated: the one repeat is made at once, as a server that forgives it does so for a short time only.
    public mutating func loaded(
        _ facts: Facts?, refusal: String? = nil, unanswered: Int = 0, now: Instant, jitter: Double
    ) -> [Action] {
        guard state == .unloaded else { return [] }
        retryDue = nil
        failures = 0
        guard let facts, refusal == nil else {
            lastError = refusal
            state = .required
            return []
        }
        lastGeneration += 1
        pair = pair(facts, generation: lastGeneration, now: now, adopted: nil, jitter: jitter)
        lastError = nil
        state = .holding
        let adopted = [Action.adopt(generation: lastGeneration)]
        guard unanswered > 0, facts.isRefreshable else { return adopted + timePassed(now: now, jitter: jitter) }
        hasRepeated = true
        lastError = "the answer to a renewal was lost with the run before"
        guard unanswered > 1 else { return adopted + refresh(isRepeat: true) }
        backOff(retryAfter: nil, now: now, jitter: jitter)
        return adopted
    }

    /// The store could not be read; it is asked again.
    public mutating func loadFailed(_ reason: String, now: Instant, jitter: Double) -> [Action] {
        guard state == .unloaded else { return [] }
        failures += 1
        lastError = reason
        retryDue = now + Self.pause(after: failures, retryAfter: nil, jitter: jitter)
        return []
    }

    /// The pair of this number is in the store.
    public mutating func stored(generation: Int, now: Instant) -> [Action] {
        if state == .storing(generation: generation) {
            isUnsaved = false
            saveDue = nil
            lastError = nil
            return adopt(now)
        }
        guard pair?.generation == generation, isUnsaved else { return [] }
        isUnsaved = false
        saveDue = nil
        lastError = nil
        return []
    }

    /// The pair of this number could not be stored. It is used nevertheless, as the one before is void, and stored again.
    public mutating func storeFailed(generation: Int, _ reason: String, now: Instant, jitter: Double) -> [Action] {
        let isFirst = state == .storing(generation: generation)
        guard isFirst || pair?.generation == generation && isUnsaved else { return [] }
        saveFailures = isFirst ? 1 : saveFailures + 1
        saveDue = now + Self.pause(after: saveFailures, retryAfter: nil, jitter: jitter)
        isUnsaved = true
        lastError = "the new token could not be stored: \(reason)"
        return isFirst ? adopt(now) : []
    }

    /// The store has told what it holds after a refusal or a second lost answer.
    public mutating func reread(_ result: Reread, now: Instant, jitter: Double) -> [Action] {
        guard case .rereading(let isVoid) = state else { return [] }
        switch result {
        case .changed(let facts):
            lastGeneration += 1
            pair = pair(facts, generation: lastGeneration, now: now, adopted: nil, jitter: jitter)
            failures = 0
            hasRepeated = false
            isUnsaved = false
            saveDue = nil
            lastError = nil
            state = .holding
            return [.adopt(generation: lastGeneration)] + timePassed(now: now, jitter: jitter)
        case .unchanged:
            guard isVoid else {
                // Nothing says that the pair is void: it is tried again, later and one at a time.
                backOff(retryAfter: nil, now: now, jitter: jitter)
                return []
            }
            let reason = lastError ?? "refused"
            become(.required)
            return [.keepRefusal(reason)]
        }
    }

    // MARK: The token endpoint

    /// A refresh ended. An answer to another flight than the last is ignored.
    public mutating func answered(
        flight: Int, _ answer: RefreshAnswer, now: Instant, jitter: Double
    ) -> [Action] {
        guard case .refreshing(flight, let isRepeat) = state else { return [] }
        switch answer {
        case .granted(let facts): return store(facts, now: now, jitter: jitter)
        case .refused(let reason):
            lastError = hasRepeated ? "\(reason), after the answer to a renewal was lost" : reason
            state = .rereading(isVoid: true)
            return [.readStore]
        case .unavailable(let reason, let retryAfter):
            lastError = reason
            backOff(retryAfter: retryAfter, now: now, jitter: jitter)
            return []
        case .notSent(let reason):
            lastError = reason
            backOff(retryAfter: nil, now: now, jitter: jitter)
            return []
        case .lost(let reason):
            lastError = reason
            guard isRepeat || hasRepeated else {
                hasRepeated = true
                return refresh(isRepeat: true)
            }
            state = .rereading(isVoid: false)
            return [.readStore]
        }
    }

    /// The API took the token of this generation for ended or unknown.
    public mutating func rejected(generation: Int, now: Instant, jitter: Double) -> [Action] {
        guard let pair, pair.generation == generation, !pair.isRejected else { return [] }
        switch state {
        case .unloaded, .required: return []
        case .refreshing, .storing, .rereading:
            self.pair?.isRejected = true
            return []
        case .holding:
            self.pair?.isRejected = true
            guard pair.isRefreshable else {
                lastError = "the broker no longer accepts the token, and it cannot be renewed"
                become(.required)
                return [.keepRefusal("rejected")]
            }
            guard retryDue == nil else { return [] }
            // A broker that rejects what it has just given must not be asked without pause.
            let isYoung = pair.adopted.map { now - $0 < .seconds(60) } ?? false
            rejections = isYoung ? rejections + 1 : 0
            guard rejections > 2 else { return refresh() }
            lastError = "the broker rejects tokens it has just given"
            retryDue = now + Self.pause(after: rejections + 2, retryAfter: nil, jitter: jitter)
            return []
        }
    }

    // MARK: People

    /// A refresh is asked for. `nil` if there is nothing to renew; empty if one is under way.
    public mutating func wanted() -> [Action]? {
        switch state {
        case .required, .unloaded: nil
        case .refreshing, .storing, .rereading: []
        case .holding: pair?.isRefreshable == true ? refresh() : nil
        }
    }

    /// A login gave tokens; they take the place of whatever there was.
    public mutating func authorized(_ facts: Facts, now: Instant, jitter: Double) -> [Action] {
        pair = nil
        return store(facts, now: now, jitter: jitter)
    }

    /// The tokens are given up.
    public mutating func forgotten() -> [Action] {
        lastError = nil
        become(.required)
        return [.erase]
    }

    // MARK: Common

    private mutating func store(_ facts: Facts, now: Instant, jitter: Double) -> [Action] {
        lastGeneration += 1
        coming = pair(facts, generation: lastGeneration, now: now, adopted: now, jitter: jitter)
        saveDue = nil
        isUnsaved = false
        state = .storing(generation: lastGeneration)
        return [.store(generation: lastGeneration)]
    }

    private mutating func adopt(_ now: Instant) -> [Action] {
        pair = coming
        coming = nil
        failures = 0
        hasRepeated = false
        retryDue = nil
        state = .holding
        return [.adopt(generation: lastGeneration)]
    }

    private mutating func backOff(retryAfter: Duration?, now: Instant, jitter: Double) {
        failures += 1
        retryDue = now + Self.pause(after: failures, retryAfter: retryAfter, jitter: jitter)
        state = .holding
    }

    /// Everything of the pair ends.
    private mutating func become(_ state: State) {
        self.state = state
        pair = nil
        coming = nil
        retryDue = nil
        saveDue = nil
        isUnsaved = false
        failures = 0
        hasRepeated = false
        rejections = 0
    }
}
