import EventLoops
import Storage
import TestSupport
import Testing

@Suite struct AttachedMigrationTests {
    init() { LoopRunner.start() }

    @Test @LoopActor func fillsThatWereKeptBeforeAreJoinedToTheirOrders() async throws {
        let folder = TemporaryDirectory()
        let path = folder.file("db")
        let old = try Database.open(path: path, migrations: Migration.all.filter { $0.version < 6 })
        try await old.write { connection throws(StorageError) in
            try connection.run(
                """
                INSERT INTO orders (id, account, version, symbol, is_final, created_ms, updated_ms, body) VALUES
                ('ord_1', 'main', 1, '700.HK', 1, 1, 1,
                 '{"attached_orders":[{"broker_order_id":"8","purpose":"stop_loss"},{"broker_order_id":"9","purpose":null}]}'),
                ('ord_2', 'main', 1, '700.HK', 1, 1, 1, '{"attached_orders":[]}')
                """)
            for number in ["7", "8", "9"] {
                try connection.run(
                    "INSERT INTO executions (account, id, broker_order_id, symbol, time_ms, body) VALUES (?, ?, ?, ?, 1, ?)",
                    [
                        .text("main"), .text("f\(number)"), .text(number), .text("700.HK"),
                        .text("{\"order_id\":\(number == "7" ? "\"ord_2\"" : "null")}"),
                    ])
            }
        }
        old.close()
        let new = try Database.open(path: path)
        let bodies = try await new.read { connection throws(StorageError) in
            try connection.run("SELECT body FROM executions ORDER BY id").compactMap { $0.text(0) }
        }
        #expect(
            bodies == [
                #"{"order_id":"ord_2","attached":null}"#, #"{"order_id":"ord_1","attached":"stop_loss"}"#,
                #"{"order_id":"ord_1","attached":"unknown"}"#,
            ])
        new.close()
    }
}
