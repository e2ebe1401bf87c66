/// An entry on its way to the disk. A class, since a record is large and goes through several lists.
final class AuditEntry: Sendable {
    /// What the caller needs of it.
    enum Demand: Sendable {
        /// Written soon, synced within a second.
        case plain
        /// On the disk before its caller goes on.
        case durable
        /// The same, and room is kept back for it.
        case urgent
    }

    let record: AuditRecord
    let demand: Demand

    init(record: AuditRecord, demand: Demand) {
        self.record = record
        self.demand = demand
    }
}
