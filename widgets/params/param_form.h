#pragma once

#include "nn/model/param.h"
#include "widgets/theme.h"

#include <QHash>
#include <QWidget>

namespace widgets {

/// A form for the arguments of a layer, an optimizer, a loss…: one row for each ParamSpec. It edits
/// one or several objects at once; where they differ a row shows "—". Only valid values leave it.
class ParamForm : public QWidget {
    Q_OBJECT

public:
    explicit ParamForm(QWidget* parent = nullptr);

    void setSpecs(const std::vector<nn::ParamSpec>& specs);
    /// One map for each object edited; emits nothing. A row being typed into keeps its text while
    /// its value stays the same.
    void setValues(const std::vector<nn::ParamMap>& values);
    /// Messages from elsewhere shown beneath their rows (argument → message).
    void setProblems(const QHash<QString, QString>& problems);

signals:
    /// While a value is being spun or typed; not final.
    void valuePreviewed(const QString& name, const nn::ParamValue& value);
    /// The preview of this argument is over without a change.
    void previewCancelled(const QString& name);
    /// The value the user settled on: one undo step.
    void valueCommitted(const QString& name, const nn::ParamValue& value);
};

} // namespace widgets
