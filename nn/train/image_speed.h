#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace nn {

[[nodiscard]] inline double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Images per second over about the last second.
class ImageSpeed {
public:
    double add(std::int64_t images) {
        m_images += images;
        const double seconds = secondsSince(m_since);
        if (seconds >= 0.5 || m_speed == 0.0) {
            const double now = static_cast<double>(m_images) / std::max(seconds, 1e-9);
            m_speed = m_speed == 0.0 || seconds >= 1.0 ? now : 0.5 * (m_speed + now);
            if (seconds >= 0.5) {
                restart();
            }
        }
        return m_speed;
    }
    void restart() {
        m_since = std::chrono::steady_clock::now();
        m_images = 0;
    }

private:
    std::chrono::steady_clock::time_point m_since = std::chrono::steady_clock::now();
    std::int64_t m_images = 0;
    double m_speed = 0.0;
};

} // namespace nn
