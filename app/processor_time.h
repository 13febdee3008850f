#pragma once

namespace app {

/// Milliseconds the calling thread has computed so far. Waiting and being pushed aside by other
/// threads do not count.
[[nodiscard]] double threadMilliseconds();

} // namespace app
