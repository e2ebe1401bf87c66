#ifndef BROKERBRIDGE_CSHIMS_H
#define BROKERBRIDGE_CSHIMS_H

// One-call functions for what Swift cannot import: variadics, function-like macros, GNU extensions.
// One header a subject; a header here decides nothing.
#include "CShimsCurl.h"
#include "CShimsSystem.h"

#endif
