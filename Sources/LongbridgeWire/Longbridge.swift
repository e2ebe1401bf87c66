/// The vendor's messages, one namespace a socket schema. The words inside are the vendor's.
public enum Longbridge {}
