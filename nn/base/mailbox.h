#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace nn {

/// Carries every message from one thread to another. The receiver is woken once per batch of
/// messages, not once per message: `put` says whether the box was empty, and only then a wake-up
/// is needed.
template <typename T>
class Mailbox {
public:
    /// Adds a message; true when the receiver has to be woken.
    [[nodiscard]] bool put(T message) {
        const std::scoped_lock lock(m_mutex);
        m_messages.push_back(std::move(message));
        return m_messages.size() == 1;
    }

    /// Takes all messages, oldest first.
    [[nodiscard]] std::vector<T> take() {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_messages, {});
    }

private:
    std::mutex m_mutex;
    std::vector<T> m_messages;
};

/// Carries only the newest value from one thread to another; older ones are dropped.
template <typename T>
class Latest {
public:
    /// Replaces the value; true when the receiver has to be woken.
    [[nodiscard]] bool put(T value) {
        const std::scoped_lock lock(m_mutex);
        const bool wasEmpty = !m_value.has_value();
        m_value = std::move(value);
        return wasEmpty;
    }

    /// Takes the newest value, or nothing when none came since the last call.
    [[nodiscard]] std::optional<T> take() {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_value, std::nullopt);
    }

private:
    std::mutex m_mutex;
    std::optional<T> m_value;
};

} // namespace nn
