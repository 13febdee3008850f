#include "app/document.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QStandardPaths>
#include <QUndoCommand>
#include <algorithm>
#include <unordered_set>

namespace app {

namespace {

constexpr qint64 kMergeMilliseconds = 1000;
constexpr int kProjectCommandId = 1;

} // namespace

/// One step of the user: the project before and after it.
class ProjectCommand : public QUndoCommand {
public:
    using Value = std::shared_ptr<const nn::Project>;

    ProjectCommand(Document& document, Value before, Value after, QString mergeKey)
        : m_document(document), m_before(std::move(before)), m_after(std::move(after)),
          m_mergeKey(std::move(mergeKey)) {
        m_age.start();
    }

    void undo() override { m_document.show(m_before); }
    void redo() override { m_document.show(m_after); }
    [[nodiscard]] int id() const override { return m_mergeKey.isEmpty() ? -1 : kProjectCommandId; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const ProjectCommand*>(other);
        if (next->m_mergeKey != m_mergeKey || m_age.elapsed() > kMergeMilliseconds ||
            m_document.m_saved == m_after) {
            return false;
        }
        m_after = next->m_after;
        m_age.restart();
        setText(next->text());
        return true;
    }

private:
    Document& m_document;
    Value m_before;
    Value m_after;
    QString m_mergeKey;
    QElapsedTimer m_age;
};

Document::Document(QObject* parent)
    : QObject(parent), m_current(std::make_shared<const nn::Project>()), m_saved(m_current),
      m_inference(std::make_shared<const nn::Inference>(nn::infer(*m_current->graph))) {}

void Document::reset(nn::Project project, const QString& path, Origin origin) {
    m_base.reset();
    m_current = std::make_shared<const nn::Project>(std::move(project));
    m_saved = origin == Origin::Stored ? m_current : nullptr;
    m_inference = std::make_shared<const nn::Inference>(nn::infer(*m_current->graph));
    m_stack.clear();
    m_path = path;
    emit projectChanged(kAllParts);
    reportModified();
    emit pathChanged(m_path);
    emit opened();
}

QString Document::displayName() const {
    return m_path.isEmpty() ? tr("Untitled") : QFileInfo(m_path).completeBaseName();
}

QString Document::folder() const {
    if (!m_path.isEmpty()) {
        return QFileInfo(m_path).absolutePath();
    }
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QFileInfo(documents).isDir() ? documents : QDir::homePath();
}

void Document::setSaved(std::shared_ptr<const nn::Project> saved, const QString& path) {
    m_saved = std::move(saved);
    if (m_path != path) {
        m_path = path;
        emit pathChanged(m_path);
    }
    reportModified();
    emit wasSaved();
}

nn::Expected<void> Document::apply(std::span<const nn::Edit> edits, const Positions& positions,
                                   const QString& text) {
    rollbackPreview();
    auto next = edited(*m_current, edits, positions);
    if (!next) {
        return tl::unexpected(next.error());
    }
    commit(*std::move(next), text);
    return {};
}

void Document::commit(nn::Project next, const QString& text, const QString& mergeKey) {
    rollbackPreview();
    push(m_current, std::make_shared<const nn::Project>(std::move(next)), text, mergeKey);
}

void Document::preview(nn::Project next) {
    if (!m_base) {
        m_base = m_current;
    }
    show(std::make_shared<const nn::Project>(std::move(next)));
}

nn::Expected<void> Document::preview(std::span<const nn::Edit> edits, const Positions& positions) {
    auto next = edited(settled(), edits, positions);
    if (!next) {
        return tl::unexpected(next.error());
    }
    preview(*std::move(next));
    return {};
}

void Document::commitPreview(const QString& text) {
    if (const Value before = std::exchange(m_base, nullptr)) {
        const Value after = m_current;
        m_current = before;
        if (differences(*before, *after) == ProjectParts()) {
            reportModified();
            return;
        }
        // The present value is shown already; pushing shows it again as what it is.
        m_current = after;
        push(before, after, text, {});
    }
}

void Document::rollbackPreview() {
    if (const Value before = std::exchange(m_base, nullptr)) {
        show(before);
    }
}

void Document::show(Value next) {
    const Value before = std::exchange(m_current, std::move(next));
    const ProjectParts parts = differences(*before, *m_current);
    if (parts.testFlag(ProjectPart::Graph)) {
        m_inference = std::make_shared<const nn::Inference>(
            nn::infer(*m_current->graph, m_inference.get(), before->graph.get()));
    }
    if (parts != ProjectParts()) {
        emit projectChanged(parts);
    }
    reportModified();
}

void Document::push(Value before, Value after, const QString& text, const QString& mergeKey) {
    if (differences(*before, *after) == ProjectParts()) {
        return;
    }
    auto command =
        std::make_unique<ProjectCommand>(*this, std::move(before), std::move(after), mergeKey);
    command->setText(text);
    m_stack.push(command.release());
}

nn::Expected<nn::Project> Document::edited(const nn::Project& from, std::span<const nn::Edit> edits,
                                           const Positions& positions) const {
    nn::Project next = from;
    if (!edits.empty()) {
        auto graph = nn::applyAll(*from.graph, edits);
        if (!graph) {
            return tl::unexpected(graph.error());
        }
        next.graph = std::make_shared<const nn::Graph>(*std::move(graph));
    }
    for (const auto& [id, position] : positions) {
        next.positions[id] = position;
    }
    std::unordered_set<nn::NodeId> present;
    present.reserve(next.graph->nodes.size());
    for (const nn::Node& node : next.graph->nodes) {
        present.insert(node.id);
    }
    std::erase_if(next.positions,
                  [&present](const auto& entry) { return !present.contains(entry.first); });
    return next;
}

void Document::reportModified() {
    if (m_wasModified != isModified()) {
        m_wasModified = isModified();
        emit modifiedChanged(m_wasModified);
    }
}

} // namespace app
