internal import BrokerModel
internal import Bytes
internal import Clocks

/// What an account is, beside its orders: three words that each of them repeats.
struct OrderAccount: Sendable {
    var environment: String
    var broker: String
}

/// Orders and fills in the JSON of the API. The same shape stands in answers and in stream events.
extension JSONWriter {
    /// The members of an order, without braces.
    mutating func members(of order: Order, _ account: OrderAccount) {
        let request = order.request
        key("id")
        string(order.id.text)
        key("version")
        int(order.version)
        key("account")
        string(order.account)
        key("environment")
        string(account.environment)
        key("broker")
        string(account.broker)
        key("broker_order_id")
        string(order.brokerOrderID)
        key("client_order_id")
        string(request.clientOrderID)
        key("symbol")
        string(request.symbol.text)
        key("name")
        string(order.name)
        key("side")
        string(request.side.rawValue)
        key("type")
        string(order.brokerType?.rawValue)
        key("time_in_force")
        string(request.timeInForce.rawValue)
        key("expire_date")
        string(request.expireDate?.iso)
        key("outside_regular_hours")
        string(request.outsideRegularHours?.rawValue)
        key("quantity")
        decimal(request.quantity)
        key("filled_quantity")
        decimal(order.filledQuantity)
        key("remaining_quantity")
        decimal(order.remainingQuantity)
        for price in OrderPrice.allCases {
            key(dynamic: price.rawValue)
            decimal(request.prices[price])
        }
        key("limit_depth_level")
        int(request.conditions.depthLevel)
        key("trigger_count")
        int(request.conditions.triggerCount)
        key("delayed_until")
        time(request.conditions.delayedUntil)
        key("attached_orders")
        beginArray()
        for attached in order.attachedOrders { write(attached) }
        endArray()
        key("average_price")
        decimal(order.averagePrice)
        key("currency")
        string(order.currency)
        key("status")
        string(order.status.rawValue)
        key("broker_status")
        string(order.brokerStatus)
        key("outcome")
        string(order.outcome.rawValue)
        key("reject")
        if let rejection = order.rejection {
            beginObject()
            key("code")
            string(rejection.code)
            key("detail")
            string(rejection.detail)
            endObject()
        } else {
            null()
        }
        key("duplicate_suspected")
        bool(order.isDuplicateSuspected)
        key("note")
        string(request.note)
        key("created_at")
        time(order.createdAt)
        key("updated_at")
        time(order.updatedAt)
    }

    private mutating func write(_ attached: AttachedOrder) {
        beginObject()
        key("broker_order_id")
        string(attached.brokerOrderID)
        key("purpose")
        string(attached.purpose?.rawValue)
        key("status")
        string(attached.status?.rawValue)
        key("broker_status")
        string(attached.brokerStatus)
        key("trigger_price")
        decimal(attached.trigger)
        key("limit_price")
        decimal(attached.limit)
        key("limit_depth_level")
        int(attached.depthLevel)
        key("quantity")
        decimal(attached.quantity)
        key("filled_quantity")
        decimal(attached.filledQuantity)
        key("average_price")
        decimal(attached.averagePrice)
        key("time_in_force")
        string(attached.timeInForce?.rawValue)
        key("expire_date")
        string(attached.expireDate?.iso)
        key("updated_at")
        time(attached.updatedAt)
        endObject()
    }

    /// The members of a fill, without braces. `owner` is the order as the bridge knows it, if it does.
    mutating func members(of execution: Execution, account: String, owner: AttachedOrderStore.Owner?) {
        key("id")
        string(execution.id)
        key("account")
        string(account)
        key("order_id")
        string(owner?.order.text)
        key("broker_order_id")
        string(execution.brokerOrderID)
        key("attached")
        string(owner?.attached)
        key("symbol")
        string(execution.symbol.text)
        key("side")
        string(execution.side?.rawValue)
        key("price")
        decimal(execution.price)
        key("quantity")
        decimal(execution.quantity)
        key("time")
        time(execution.time)
    }

    /// What the broker tells of an order beyond the list: what it cost, and its own history.
    mutating func members(of detail: BrokerOrderDetail) {
        key("charges")
        beginObject()
        key("total")
        decimal(detail.totalCharges)
        key("currency")
        string(detail.chargesCurrency)
        key("items")
        beginArray()
        for charge in detail.charges {
            beginObject()
            key("category")
            string(charge.category)
            key("name")
            string(charge.name)
            key("amount")
            decimal(charge.amount)
            key("currency")
            string(charge.currency)
            endObject()
        }
        endArray()
        endObject()
        key("broker_history")
        beginArray()
        for step in detail.history {
            beginObject()
            key("time")
            time(step.time)
            key("status")
            string(step.status)
            key("price")
            decimal(step.price)
            key("quantity")
            decimal(step.quantity)
            key("message")
            string(step.message)
            endObject()
        }
        endArray()
    }
}
