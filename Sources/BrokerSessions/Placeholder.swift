/// Stands in until the loop's own actor exists.
@globalActor
public actor LoopActor {
    /// The one instance.
    public static let shared = LoopActor()
}
