#include "app/recovery_banner.h"

#include "app/banner.h"
#include "app/file_actions.h"
#include "app/session.h"

#include <QLocale>
#include <memory>

namespace app {

namespace {

QString offerText(const Leftover& leftover) {
    return Session::tr("A training of “%1” was cut off; it was kept last on %2. Going on gives "
                       "the same weights as if it had never stopped.")
        .arg(leftover.name, QLocale().toString(leftover.time, QLocale::ShortFormat));
}

} // namespace

QWidget* makeRecoveryBanner(Session& session, FileActions& files, QWidget* parent) {
    auto* banner = new Banner(parent);
    banner->setObjectName("recoveryBanner");
    auto found = std::make_shared<Leftover>();
    QObject::connect(&session.runs, &RunKeeper::leftoverFound, banner,
                     [=](const Leftover& leftover) {
                         *found = leftover;
                         banner->showMessage(BannerKind::Info, offerText(leftover),
                                             Session::tr("Go On"), Session::tr("Discard"));
                     });
    QObject::connect(banner, &Banner::actionTriggered, &files, [&session, &files, found] {
        files.whenSafe([&session, leftover = *found] { session.runs.takeUp(leftover); });
    });
    QObject::connect(banner, &Banner::otherTriggered, &session,
                     [&session, found] { session.runs.discard(*found); });
    QObject::connect(&session.runs, &RunKeeper::failed, banner, [=, &session](const QString& why) {
        session.log.fail(why);
        banner->showMessage(BannerKind::Error, why, {}, Session::tr("Discard"));
    });
    return banner;
}

} // namespace app
