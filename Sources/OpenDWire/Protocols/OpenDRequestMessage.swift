public import Protobuf

/// The payload of a request, which knows its protocol and what is answered to it.
public protocol OpenDRequestMessage: Message {
    /// The payload of the reply.
    associatedtype Reply: Message
    /// The number in the packet's header.
    static var protocolID: UInt32 { get }
}

/// The payload of a push, which knows its protocol.
public protocol OpenDPushMessage: Message {
    /// The number in the packet's header.
    static var protocolID: UInt32 { get }
}

extension OpenD.InitConnect.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.InitConnect.S2C
    /// InitConnect.
    public static var protocolID: UInt32 { 1001 }
}

extension OpenD.GetGlobalState.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.GetGlobalState.S2C
    /// GetGlobalState.
    public static var protocolID: UInt32 { 1002 }
}

extension OpenD.Notify.S2C: OpenDPushMessage {
    /// Notify.
    public static var protocolID: UInt32 { 1003 }
}

extension OpenD.KeepAlive.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.KeepAlive.S2C
    /// KeepAlive.
    public static var protocolID: UInt32 { 1004 }
}

extension OpenD.GetUserInfo.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.GetUserInfo.S2C
    /// GetUserInfo.
    public static var protocolID: UInt32 { 1005 }
}

extension OpenD.Verification.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.Verification.S2C
    /// Verification.
    public static var protocolID: UInt32 { 1006 }
}

extension OpenD.GetDelayStatistics.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.GetDelayStatistics.S2C
    /// GetDelayStatistics.
    public static var protocolID: UInt32 { 1007 }
}

extension OpenD.TrdGetAccList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetAccList.S2C
    /// Trd_GetAccList.
    public static var protocolID: UInt32 { 2001 }
}

extension OpenD.TrdUnlockTrade.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdUnlockTrade.S2C
    /// Trd_UnlockTrade.
    public static var protocolID: UInt32 { 2005 }
}

extension OpenD.TrdSubAccPush.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdSubAccPush.S2C
    /// Trd_SubAccPush.
    public static var protocolID: UInt32 { 2008 }
}

extension OpenD.TrdGetFunds.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetFunds.S2C
    /// Trd_GetFunds.
    public static var protocolID: UInt32 { 2101 }
}

extension OpenD.TrdGetPositionList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetPositionList.S2C
    /// Trd_GetPositionList.
    public static var protocolID: UInt32 { 2102 }
}

extension OpenD.TrdGetMaxTrdQtys.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetMaxTrdQtys.S2C
    /// Trd_GetMaxTrdQtys.
    public static var protocolID: UInt32 { 2111 }
}

extension OpenD.TrdGetComboMaxTrdQtys.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetComboMaxTrdQtys.S2C
    /// Trd_GetComboMaxTrdQtys.
    public static var protocolID: UInt32 { 2112 }
}

extension OpenD.TrdGetOrderList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetOrderList.S2C
    /// Trd_GetOrderList.
    public static var protocolID: UInt32 { 2201 }
}

extension OpenD.TrdPlaceOrder.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdPlaceOrder.S2C
    /// Trd_PlaceOrder.
    public static var protocolID: UInt32 { 2202 }
}

extension OpenD.TrdModifyOrder.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdModifyOrder.S2C
    /// Trd_ModifyOrder.
    public static var protocolID: UInt32 { 2205 }
}

extension OpenD.TrdUpdateOrder.S2C: OpenDPushMessage {
    /// Trd_UpdateOrder.
    public static var protocolID: UInt32 { 2208 }
}

extension OpenD.TrdGetOrderFillList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetOrderFillList.S2C
    /// Trd_GetOrderFillList.
    public static var protocolID: UInt32 { 2211 }
}

extension OpenD.TrdUpdateOrderFill.S2C: OpenDPushMessage {
    /// Trd_UpdateOrderFill.
    public static var protocolID: UInt32 { 2218 }
}

extension OpenD.TrdGetHistoryOrderList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetHistoryOrderList.S2C
    /// Trd_GetHistoryOrderList.
    public static var protocolID: UInt32 { 2221 }
}

extension OpenD.TrdGetHistoryOrderFillList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetHistoryOrderFillList.S2C
    /// Trd_GetHistoryOrderFillList.
    public static var protocolID: UInt32 { 2222 }
}

extension OpenD.TrdGetMarginRatio.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetMarginRatio.S2C
    /// Trd_GetMarginRatio.
    public static var protocolID: UInt32 { 2223 }
}

extension OpenD.TrdGetOrderFee.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdGetOrderFee.S2C
    /// Trd_GetOrderFee.
    public static var protocolID: UInt32 { 2225 }
}

extension OpenD.TrdFlowSummary.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdFlowSummary.S2C
    /// Trd_FlowSummary.
    public static var protocolID: UInt32 { 2226 }
}

extension OpenD.TrdPlaceComboOrder.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.TrdPlaceComboOrder.S2C
    /// Trd_PlaceComboOrder.
    public static var protocolID: UInt32 { 2227 }
}

extension OpenD.QotSub.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotSub.S2C
    /// Qot_Sub.
    public static var protocolID: UInt32 { 3001 }
}

extension OpenD.QotRegQotPush.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotRegQotPush.S2C
    /// Qot_RegQotPush.
    public static var protocolID: UInt32 { 3002 }
}

extension OpenD.QotGetSubInfo.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetSubInfo.S2C
    /// Qot_GetSubInfo.
    public static var protocolID: UInt32 { 3003 }
}

extension OpenD.QotGetBasicQot.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetBasicQot.S2C
    /// Qot_GetBasicQot.
    public static var protocolID: UInt32 { 3004 }
}

extension OpenD.QotUpdateBasicQot.S2C: OpenDPushMessage {
    /// Qot_UpdateBasicQot.
    public static var protocolID: UInt32 { 3005 }
}

extension OpenD.QotGetKL.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetKL.S2C
    /// Qot_GetKL.
    public static var protocolID: UInt32 { 3006 }
}

extension OpenD.QotUpdateKL.S2C: OpenDPushMessage {
    /// Qot_UpdateKL.
    public static var protocolID: UInt32 { 3007 }
}

extension OpenD.QotGetRT.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetRT.S2C
    /// Qot_GetRT.
    public static var protocolID: UInt32 { 3008 }
}

extension OpenD.QotUpdateRT.S2C: OpenDPushMessage {
    /// Qot_UpdateRT.
    public static var protocolID: UInt32 { 3009 }
}

extension OpenD.QotGetTicker.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetTicker.S2C
    /// Qot_GetTicker.
    public static var protocolID: UInt32 { 3010 }
}

extension OpenD.QotUpdateTicker.S2C: OpenDPushMessage {
    /// Qot_UpdateTicker.
    public static var protocolID: UInt32 { 3011 }
}

extension OpenD.QotGetOrderBook.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetOrderBook.S2C
    /// Qot_GetOrderBook.
    public static var protocolID: UInt32 { 3012 }
}

extension OpenD.QotUpdateOrderBook.S2C: OpenDPushMessage {
    /// Qot_UpdateOrderBook.
    public static var protocolID: UInt32 { 3013 }
}

extension OpenD.QotGetBroker.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetBroker.S2C
    /// Qot_GetBroker.
    public static var protocolID: UInt32 { 3014 }
}

extension OpenD.QotUpdateBroker.S2C: OpenDPushMessage {
    /// Qot_UpdateBroker.
    public static var protocolID: UInt32 { 3015 }
}

extension OpenD.QotUpdatePriceReminder.S2C: OpenDPushMessage {
    /// Qot_UpdatePriceReminder.
    public static var protocolID: UInt32 { 3019 }
}

extension OpenD.QotRequestHistoryKL.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotRequestHistoryKL.S2C
    /// Qot_RequestHistoryKL.
    public static var protocolID: UInt32 { 3103 }
}

extension OpenD.QotRequestHistoryKLQuota.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotRequestHistoryKLQuota.S2C
    /// Qot_RequestHistoryKLQuota.
    public static var protocolID: UInt32 { 3104 }
}

extension OpenD.QotRequestRehab.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotRequestRehab.S2C
    /// Qot_RequestRehab.
    public static var protocolID: UInt32 { 3105 }
}

extension OpenD.QotGetSuspend.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetSuspend.S2C
    /// Qot_GetSuspend.
    public static var protocolID: UInt32 { 3201 }
}

extension OpenD.QotGetStaticInfo.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetStaticInfo.S2C
    /// Qot_GetStaticInfo.
    public static var protocolID: UInt32 { 3202 }
}

extension OpenD.QotGetSecuritySnapshot.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetSecuritySnapshot.S2C
    /// Qot_GetSecuritySnapshot.
    public static var protocolID: UInt32 { 3203 }
}

extension OpenD.QotGetPlateSet.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetPlateSet.S2C
    /// Qot_GetPlateSet.
    public static var protocolID: UInt32 { 3204 }
}

extension OpenD.QotGetPlateSecurity.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetPlateSecurity.S2C
    /// Qot_GetPlateSecurity.
    public static var protocolID: UInt32 { 3205 }
}

extension OpenD.QotGetReference.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetReference.S2C
    /// Qot_GetReference.
    public static var protocolID: UInt32 { 3206 }
}

extension OpenD.QotGetOwnerPlate.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetOwnerPlate.S2C
    /// Qot_GetOwnerPlate.
    public static var protocolID: UInt32 { 3207 }
}

extension OpenD.QotGetHoldingChangeList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetHoldingChangeList.S2C
    /// Qot_GetHoldingChangeList.
    public static var protocolID: UInt32 { 3208 }
}

extension OpenD.QotGetOptionChain.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetOptionChain.S2C
    /// Qot_GetOptionChain.
    public static var protocolID: UInt32 { 3209 }
}

extension OpenD.QotGetWarrant.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetWarrant.S2C
    /// Qot_GetWarrant.
    public static var protocolID: UInt32 { 3210 }
}

extension OpenD.QotGetCapitalFlow.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetCapitalFlow.S2C
    /// Qot_GetCapitalFlow.
    public static var protocolID: UInt32 { 3211 }
}

extension OpenD.QotGetCapitalDistribution.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetCapitalDistribution.S2C
    /// Qot_GetCapitalDistribution.
    public static var protocolID: UInt32 { 3212 }
}

extension OpenD.QotGetUserSecurity.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetUserSecurity.S2C
    /// Qot_GetUserSecurity.
    public static var protocolID: UInt32 { 3213 }
}

extension OpenD.QotModifyUserSecurity.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotModifyUserSecurity.S2C
    /// Qot_ModifyUserSecurity.
    public static var protocolID: UInt32 { 3214 }
}

extension OpenD.QotStockFilter.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotStockFilter.S2C
    /// Qot_StockFilter.
    public static var protocolID: UInt32 { 3215 }
}

extension OpenD.QotGetCodeChange.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetCodeChange.S2C
    /// Qot_GetCodeChange.
    public static var protocolID: UInt32 { 3216 }
}

extension OpenD.QotGetIpoList.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetIpoList.S2C
    /// Qot_GetIpoList.
    public static var protocolID: UInt32 { 3217 }
}

extension OpenD.QotGetFutureInfo.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetFutureInfo.S2C
    /// Qot_GetFutureInfo.
    public static var protocolID: UInt32 { 3218 }
}

extension OpenD.QotRequestTradeDate.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotRequestTradeDate.S2C
    /// Qot_RequestTradeDate.
    public static var protocolID: UInt32 { 3219 }
}

extension OpenD.QotSetPriceReminder.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotSetPriceReminder.S2C
    /// Qot_SetPriceReminder.
    public static var protocolID: UInt32 { 3220 }
}

extension OpenD.QotGetPriceReminder.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetPriceReminder.S2C
    /// Qot_GetPriceReminder.
    public static var protocolID: UInt32 { 3221 }
}

extension OpenD.QotGetUserSecurityGroup.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetUserSecurityGroup.S2C
    /// Qot_GetUserSecurityGroup.
    public static var protocolID: UInt32 { 3222 }
}

extension OpenD.QotGetMarketState.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetMarketState.S2C
    /// Qot_GetMarketState.
    public static var protocolID: UInt32 { 3223 }
}

extension OpenD.QotGetOptionExpirationDate.C2S: OpenDRequestMessage {
    /// What is answered.
    public typealias Reply = OpenD.QotGetOptionExpirationDate.S2C
    /// Qot_GetOptionExpirationDate.
    public static var protocolID: UInt32 { 3224 }
}
