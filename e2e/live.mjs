// Drives a running server with the official JavaScript SDK, as an app would. It is told where to connect and who to be
// by the environment, and prints one JSON object: what every client saw.
import { call, connect, env, events, finish, refused, seen, until } from "./device.mjs";

const results = { refused: {} };

const host = connect("host", { platform: "iOS" });
await host.ready();
results.started = await call(host, "live.startLive", {
  liveInfo: { liveID: "show", liveName: "Evening show", seatTemplate: "videoDynamicGrid9Seats" },
});

const fan = connect("fan", { platform: "Android" });
await fan.ready();
results.joined = await call(fan, "live.joinLive", { liveID: "show" });
await until(() => events("host", "audience.onAudienceJoined").length === 1);

await call(host, "live.updateLiveMetaData", { liveID: "show", metaData: { theme: "dusk", lang: "pt" } });
await until(() => events("fan", "live.onRoomMetadataChanged").length === 2);
results.read = await call(fan, "live.queryMetaData", { liveID: "show", keys: [] });
results.refused.write = await refused(fan, "live.updateLiveMetaData", { liveID: "show", metaData: { theme: "x" } });
results.refused.delete = await refused(fan, "live.deleteLiveMetaData", { liveID: "show", keys: ["theme"] });
results.refused.absent = await refused(host, "live.deleteLiveMetaData", { liveID: "show", keys: ["none"] });
results.refused.room = await refused(host, "live.fetchLiveInfo", { liveID: "nowhere" });
await call(host, "live.deleteLiveMetaData", { liveID: "show", keys: ["theme", "none"] });
await until(() => events("fan", "live.onRoomMetadataChanged").length === 3);

// Another app has a user and a room of the same names, and neither sees the other's.
const stranger = connect("stranger", { app: env.other, user: "host", sig: env.otherSig });
await stranger.ready();
results.refused.otherApp = await refused(stranger, "live.fetchLiveInfo", { liveID: "show" });
await call(stranger, "live.startLive", { liveInfo: { liveID: "show" } });
await call(stranger, "live.updateLiveMetaData", { liveID: "show", metaData: { secret: "s" } });
await until(() => events("stranger", "live.onRoomMetadataChanged").length === 1);

for (const [name, sig] of Object.entries(env.badSigs)) {
  connect(name, { user: "fan", sig });
  await until(() => seen[name].disconnected !== null);
}

await call(fan, "live.leaveLive", { liveID: "show" });
await until(() => events("host", "audience.onAudienceLeft").length === 1);
await call(fan, "live.joinLive", { liveID: "show" });
results.ended = await call(host, "live.endLive", { liveID: "show" });
await until(() => events("fan", "live.onLiveEnded").length === 1);
results.refused.gone = await refused(fan, "live.joinLive", { liveID: "show" });

finish(results);
