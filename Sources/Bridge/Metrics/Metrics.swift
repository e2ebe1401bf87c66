internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Counters of the process, written as Prometheus text. Labels are templates, statuses and aliases: a bounded set.
@LoopActor
final class Metrics {
    /// What a series of requests is about.
    private struct Series: Hashable {
        var method: String
        var route: String
        var status: Int

        var labels: String { "method=\"\(method)\",route=\"\(route)\",status=\"\(status)\"" }
    }

    private var requests: [Series: Int] = [:]
    private var totals: [(count: Int, nanoseconds: Int64)] = []
    /// The series counted last: most requests are like the one before.
    private var last: (series: Series, index: Int)?
    var streamsOpened = 0
    /// Requests whose key was none that works.
    var refusedKeys = 0
    var eventsDelivered = 0
    var eventsMerged = 0

    /// Series kept; beyond, requests count under the route `other`.
    private static let bound = 2000

    func count(_ record: HTTPExchangeRecord) {
        let series = Series(
            method: Metrics.known(record.method?.text ?? "-"), route: record.routeTemplate ?? "none",
            status: record.status ?? 499)
        let index = index(of: series)
        totals[index].count += 1
        if !record.isStream { totals[index].nanoseconds &+= record.duration.nanosecondsClamped }
    }

    private func index(of series: Series) -> Int {
        if let last, last.series == series { return last.index }
        var key = series
        if requests[key] == nil, requests.count >= Metrics.bound { key.route = "other" }
        let index = requests[key] ?? totals.count
        if index == totals.count {
            totals.append((0, 0))
            requests[key] = index
        }
        last = (series, index)
        return index
    }

    /// A client may invent methods; labels may not grow by them.
    private static func known(_ method: String) -> String {
        switch method {
        case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS": method
        default: "other"
        }
    }

    /// The text of the exposition format, version 0.0.4.
    func text(streams: Int, topics: Int, accounts: Accounts, isStateReturned: Bool = false) -> String {
        var text = "# HELP brokerbridge_requests_total Requests answered.\n# TYPE brokerbridge_requests_total counter\n"
        let sorted = requests.map { (labels: $0.key.labels, series: totals[$0.value]) }.sorted {
            $0.labels < $1.labels
        }
        for (labels, series) in sorted {
            text += "brokerbridge_requests_total{\(labels)} \(series.count)\n"
        }
        text +=
            "# HELP brokerbridge_request_seconds_total Time spent on requests.\n# TYPE brokerbridge_request_seconds_total counter\n"
        for (labels, series) in sorted {
            text += "brokerbridge_request_seconds_total{\(labels)} \(Double(series.nanoseconds) / 1e9)\n"
        }
        func single(_ name: String, _ kind: String, _ help: String, _ value: Int) {
            text +=
                "# HELP brokerbridge_\(name) \(help)\n# TYPE brokerbridge_\(name) \(kind)\nbrokerbridge_\(name) \(value)\n"
        }
        single(
            "state_returned", "gauge", "Whether the state was put back to an older copy and orders wait.",
            isStateReturned ? 1 : 0)
        single("streams", "gauge", "Streams open.", streams)
        single("stream_topics", "gauge", "Topics with at least one reader.", topics)
        single("refused_keys_total", "counter", "Requests with a key that does not work, or none.", refusedKeys)
        single("streams_opened_total", "counter", "Streams opened.", streamsOpened)
        single("stream_events_total", "counter", "Events delivered to readers.", eventsDelivered)
        single("stream_events_merged_total", "counter", "Events replaced by newer ones for slow readers.", eventsMerged)
        text +=
            "# HELP brokerbridge_link_ready Whether a link to a broker is ready.\n# TYPE brokerbridge_link_ready gauge\n"
        for broker in accounts.brokers {
            for link in broker.links {
                text += "brokerbridge_link_ready{account=\"\(broker.account.alias)\",link=\"\(link.name.rawValue)\"} "
                text += link.state == .ready ? "1\n" : "0\n"
            }
        }
        text +=
            "# HELP brokerbridge_link_losses_total How often a ready link was lost.\n# TYPE brokerbridge_link_losses_total counter\n"
        for broker in accounts.brokers {
            for link in broker.links {
                text +=
                    "brokerbridge_link_losses_total{account=\"\(broker.account.alias)\",link=\"\(link.name.rawValue)\"} \(link.losses)\n"
            }
        }
        return text + Metrics.upstreamLimits(accounts) + Metrics.authorizations(accounts)
    }

    /// Whether what the file says is what is in force.
    static func configuration(isCurrent: Bool) -> String {
        """
        # HELP brokerbridge_configuration_current Whether the configuration, when it was read last, was taken over.
        # TYPE brokerbridge_configuration_current gauge
        brokerbridge_configuration_current \(isCurrent ? 1 : 0)

        """
    }

    /// The process's memory, where it is bounded.
    static func memory(_ watch: MemoryWatch?) -> String {
        guard let watch else { return "" }
        func gauge(_ name: String, _ help: String, _ value: Int) -> String {
            "# HELP brokerbridge_memory_\(name) \(help)\n# TYPE brokerbridge_memory_\(name) gauge\nbrokerbridge_memory_\(name) \(value)\n"
        }
        return gauge("used_bytes", "Memory in use.", watch.used)
            + gauge("limit_bytes", "Memory that may be used.", watch.pressure.limit)
            + gauge("stage", "0 ample, 1 no further streams, 2 requests are refused.", watch.pressure.stage.rawValue)
    }

    /// The brokers' limits: what is allowed, used and waited for.
    private static func upstreamLimits(_ accounts: Accounts) -> String {
        let all = accounts.brokers.flatMap { broker in
            broker.upstreamLimits.map {
                (labels: "account=\"\(broker.account.alias)\",limit=\"\($0.name)\"", limit: $0)
            }
        }
        func gauge(_ name: String, _ help: String, _ value: (UpstreamLimit) -> Int) -> String {
            var text = "# HELP brokerbridge_upstream_\(name) \(help)\n# TYPE brokerbridge_upstream_\(name) gauge\n"
            for (labels, limit) in all { text += "brokerbridge_upstream_\(name){\(labels)} \(value(limit))\n" }
            return text
        }
        return gauge("limit", "What the broker allows, or less after a refusal.", \.ceiling)
            + gauge("used", "How much of a broker's limit is used.", \.used)
            + gauge("waiting", "Calls that wait for room in a broker's limit.", \.waiting)
    }

    /// Tokens, in seconds to their end; accounts whose token has no known end are left out of that.
    private static func authorizations(_ accounts: Accounts) -> String {
        func gauge(_ name: String, _ help: String, _ value: (AuthorizationStatus) -> Int64?) -> String {
            var text = "# HELP brokerbridge_\(name) \(help)\n# TYPE brokerbridge_\(name) gauge\n"
            for broker in accounts.brokers {
                guard let value = value(broker.authorization) else { continue }
                text += "brokerbridge_\(name){account=\"\(broker.account.alias)\"} \(value)\n"
            }
            return text
        }
        let now = WallTime.now()
        return gauge("auth_ready", "Whether the account is authorized.") { $0.state == .authorizationRequired ? 0 : 1 }
            + gauge("auth_expires_seconds", "Until the token ends; below zero if it has.") {
                $0.expiresAt.map { ($0 - now).components.seconds }
            }
            + gauge("auth_unsaved", "Whether the token in use could not be stored yet.") { $0.isUnsaved ? 1 : 0 }
    }
}
