#pragma once

namespace tests {

/// The program runs under AddressSanitizer or ThreadSanitizer, several times as slow as else and in
/// several times the memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

} // namespace tests
