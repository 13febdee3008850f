#pragma once

#include "app/changes.h"

#include "nn/base/error.h"
#include "nn/model/edit.h"
#include "nn/model/infer.h"

#include <QObject>
#include <QUndoStack>
#include <map>
#include <memory>
#include <optional>
#include <span>

namespace app {

using Positions = std::map<nn::NodeId, nn::Position>;

/// The project that is open: its present value, what is inferred from it, and every step back.
/// A change is a new value; old values share what did not change, so keeping them is cheap.
class Document : public QObject {
    Q_OBJECT

public:
    explicit Document(QObject* parent = nullptr);

    [[nodiscard]] const nn::Project& project() const { return *m_current; }
    [[nodiscard]] const nn::Graph& graph() const { return *m_current->graph; }
    [[nodiscard]] const nn::Inference& inference() const { return *m_inference; }
    /// The inference as a value to share; never changes once made.
    [[nodiscard]] std::shared_ptr<const nn::Inference> sharedInference() const {
        return m_inference;
    }
    [[nodiscard]] QUndoStack& undoStack() { return m_stack; }

    /// Opens another project; the steps of the old one are forgotten. One that was rescued is not
    /// what is stored at `path`.
    enum class Origin { Stored, Rescued };
    void reset(nn::Project project, const QString& path, Origin origin = Origin::Stored);
    /// Where the project is stored; empty when it never was.
    [[nodiscard]] QString path() const { return m_path; }
    /// Where files are that the project names by relative paths: beside it, or with the user's
    /// documents while it is not stored.
    [[nodiscard]] QString folder() const;
    /// "digits" or "Untitled".
    [[nodiscard]] QString displayName() const;
    [[nodiscard]] bool isModified() const { return m_saved != m_current; }
    /// The present value, for a save that runs beside the window.
    [[nodiscard]] std::shared_ptr<const nn::Project> snapshot() const { return m_current; }
    /// `saved` was written to `path`; later edits stay unsaved.
    void setSaved(std::shared_ptr<const nn::Project> saved, const QString& path);

    /// Applies edits as one step with a name. `positions` place or move nodes; nodes that are added
    /// take the ids from `graph().nextId` on.
    [[nodiscard]] nn::Expected<void> apply(std::span<const nn::Edit> edits,
                                           const Positions& positions, const QString& text);
    /// The next value as one step; nothing happens when it is equal. Steps with one `mergeKey` that
    /// follow each other within a second become one.
    void commit(nn::Project next, const QString& text, const QString& mergeKey = {});

    /// Shows a value without making a step: a drag, a spinning number. Ends with commitPreview or
    /// rollbackPreview; any other change rolls it back first.
    void preview(nn::Project next);
    [[nodiscard]] nn::Expected<void> preview(std::span<const nn::Edit> edits,
                                             const Positions& positions);
    void commitPreview(const QString& text);
    void rollbackPreview();
    [[nodiscard]] bool isPreviewing() const { return m_base != nullptr; }
    /// The value before the preview began, else the present one.
    [[nodiscard]] const nn::Project& settled() const { return m_base ? *m_base : *m_current; }

signals:
    void projectChanged(app::ProjectParts parts);
    void modifiedChanged(bool modified);
    void pathChanged(const QString& path);
    void wasSaved();
    /// Another project was opened; follows projectChanged(all).
    void opened();

private:
    friend class ProjectCommand;
    using Value = std::shared_ptr<const nn::Project>;

    void show(Value next);
    void push(Value before, Value after, const QString& text, const QString& mergeKey);
    [[nodiscard]] nn::Expected<nn::Project> edited(const nn::Project& from,
                                                   std::span<const nn::Edit> edits,
                                                   const Positions& positions) const;
    void reportModified();

    Value m_current;
    Value m_base; ///< Set while previewing.
    Value m_saved;
    std::shared_ptr<const nn::Inference> m_inference;
    QUndoStack m_stack;
    QString m_path;
    bool m_wasModified = false;
};

} // namespace app
