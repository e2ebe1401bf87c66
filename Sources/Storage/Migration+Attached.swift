extension Migration {
    /// The broker's numbers of orders that are attached to another, so that their fills can be told from strangers'.
    static let attachedOrders = Migration(
        6,
        """
        CREATE TABLE attached_orders (
            account TEXT NOT NULL,
            broker_order_id TEXT NOT NULL,
            order_id TEXT NOT NULL,
            purpose TEXT NOT NULL,
            PRIMARY KEY (account, broker_order_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attached_orders_by_order ON attached_orders (order_id);
        INSERT OR IGNORE INTO attached_orders
            SELECT orders.account, json_extract(exit.value, '$.broker_order_id'), orders.id,
                COALESCE(json_extract(exit.value, '$.purpose'), 'unknown')
            FROM orders, json_each(orders.body, '$.attached_orders') AS exit;
        UPDATE executions SET body = json_set(body, '$.attached', (SELECT purpose FROM attached_orders AS exit
            WHERE exit.account = executions.account AND exit.broker_order_id = executions.broker_order_id));
        UPDATE executions SET body = json_set(body, '$.order_id', (SELECT order_id FROM attached_orders AS exit
            WHERE exit.account = executions.account AND exit.broker_order_id = executions.broker_order_id))
            WHERE json_extract(body, '$.attached') IS NOT NULL;
        """)
}
