#pragma once

#include "widgets/edit_wish.h"

#include <QObject>

namespace app {

class Document;
class Selection;

/// Carries out what widgets wish for: one undo step for each wish.
class Editor : public QObject {
    Q_OBJECT

public:
    Editor(Document& document, Selection& selection, QObject* parent = nullptr);

    void carryOut(const widgets::EditWish& wish);
    /// Shows a wish without making a step of it.
    void preview(const widgets::EditWish& wish);
    void cancelPreview();

    /// The network of the document as widgets want it.
    [[nodiscard]] widgets::NetworkValues network() const;
    [[nodiscard]] widgets::Positions positions() const;

signals:
    /// A wish could not be fulfilled; says why.
    void refused(const QString& reason);

private:
    Document& m_document;
    Selection& m_selection;
};

} // namespace app
