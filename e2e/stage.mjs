// Drives a running server through an evening on stage: chat, seats, gifts, likes, moderation, and the end that nobody asked
// for. The host, a moderator, and a fan with two devices use the official SDK; the app server calls REST. What the app
// server says about a message or a gift depends on the text or the number: see stage_test.go.
import { call, connect, events, finish, hears, refused, rest, seen, until } from "./device.mjs";

const liveID = "stage";
const results = { forbidden: {}, refused: {} };
const devices = {
  host: connect("host", { platform: "iOS" }),
  mod: connect("mod", { platform: "Web" }),
  phone: connect("phone", { user: "fan", platform: "Android" }),
  tablet: connect("tablet", { user: "fan", platform: "iPad" }),
};
const { host, mod, phone, tablet } = devices;
await Promise.all(Object.values(devices).map((d) => d.ready()));
const joined = (name, times = 1) => until(() => seen[name].subscribed.length >= times);

await call(host, "live.startLive", { liveInfo: { liveID, seatTemplate: "videoDynamicGrid9Seats" } });
results.snapshot = await call(phone, "live.joinLive", { liveID });
await call(tablet, "live.joinLive", { liveID });
await call(mod, "live.joinLive", { liveID });
await Promise.all(Object.keys(devices).map((name) => joined(name)));
await call(host, "audience.setAdministrator", { userID: "mod" });

// What only hosts may.
for (const [method, params] of Object.entries({
  "live.endLive": {},
  "live.updateLiveInfo": { liveInfo: { notice: "mine" } },
  "live.updateLiveMetaData": { metaData: { k: "v" } },
  "live.deleteLiveMetaData": { keys: ["k"] },
  "summary.getLiveSummary": {},
  "audience.setAdministrator": { userID: "fan" },
  "audience.revokeAdministrator": { userID: "mod" },
  "audience.kickUserOutOfRoom": { userID: "host" },
  "audience.disableSendMessage": { userID: "mod", isDisable: true },
  "seat.takeSeat": {},
  "seat.lockSeat": { seatIndex: 1 },
  "seat.unlockSeat": { seatIndex: 1 },
  "seat.kickUserOutOfSeat": { userID: "host" },
  "seat.moveUserToSeat": { userID: "host", targetIndex: 1 },
  "seat.closeRemoteMicrophone": { userID: "host" },
  "seat.openRemoteCamera": { userID: "host" },
  "gift.getGiftCountByAnchor": {},
})) {
  results.forbidden[method] = await refused(phone, method, params);
}
results.refused.adminUpdates = await refused(mod, "live.updateLiveInfo", { liveInfo: { notice: "mine" } });
results.refused.adminEnds = await refused(mod, "live.endLive");
results.refused.adminKicksOwner = await refused(mod, "audience.kickUserOutOfRoom", { userID: "host" });

// Chat.
results.sent = await call(phone, "barrage.sendTextMessage", { text: "hello", random: 7 });
results.again = await call(tablet, "barrage.sendTextMessage", { text: "hello", random: 7 });
results.refused.word = await refused(phone, "barrage.sendTextMessage", { text: "refuse this" });
results.refused.ownCode = await refused(phone, "barrage.sendTextMessage", { text: "refuse this with 10150" });
await call(phone, "barrage.sendTextMessage", { text: "rewrite this" });
await call(mod, "barrage.sendCustomMessage", { businessID: "poll", data: '{"q":1}' });
await rest("live_engine_http_srv/send_text_msg", { RoomId: liveID, Sender_Account: "administrator", TextContent: "welcome" });
await hears("tablet", "barrage.onBarrageReceived", 3);

// Seats.
await call(host, "live.updateLiveInfo", { liveInfo: { seatMode: "free", notice: "come up" } });
results.seat = await call(phone, "seat.takeSeat", { seatIndex: 2 });
results.refused.secondSeat = await refused(tablet, "seat.takeSeat", { seatIndex: 3 });
await call(host, "seat.closeRemoteMicrophone", { userID: "fan" });
await call(phone, "seat.leaveSeat");
await call(tablet, "seat.takeSeat", { seatIndex: 4 });
await call(mod, "seat.kickUserOutOfSeat", { userID: "fan" });
await Promise.all(["phone", "tablet"].map((name) => hears(name, "coGuest.onKickedOffSeat")));

// Gifts and likes.
await rest("live_engine_http_srv/add_gift", {
  GiftId: "rose", IconUrl: "i", ResourceUrl: "r", Level: 1, Coins: 5, DefaultName: "Rose", DefaultDesc: "A rose",
});
results.refused.gift = await refused(phone, "gift.sendGift", { giftID: "rose", count: 13 });
results.refused.giftOwnCode = await refused(phone, "gift.sendGift", { giftID: "rose", count: 14 });
results.refused.noGift = await refused(phone, "gift.sendGift", { giftID: "lily" });
await call(phone, "gift.sendGift", { giftID: "rose", count: 2 });
results.gifts = await call(host, "gift.getGiftCountByAnchor");
await call(tablet, "like.sendLike", { count: 30 });
await hears("tablet", "like.onReceiveLikesMessage");

// Moderation. Whoever is muted and then removed hears it in this order.
await call(mod, "audience.disableSendMessage", { userID: "fan", isDisable: true });
results.refused.muted = await refused(phone, "barrage.sendTextMessage", { text: "hello" });
await rest("live_engine_http_srv/mute_member", { RoomId: liveID, MemberList_Account: ["fan"], MuteTime: 0 });
await call(phone, "barrage.sendTextMessage", { text: "thanks" });
await rest("room_engine_http_srv/kick_user_out", { RoomId: liveID, MemberList_Account: ["fan"], Reason: "a pause" });
await Promise.all(["phone", "tablet"].map((name) => hears(name, "unsubscribed")));
results.refused.kicked = await refused(phone, "barrage.sendTextMessage", { liveID, text: "hello" });
await call(phone, "live.joinLive", { liveID });
await joined("phone", 2);
await rest("live_engine_http_srv/ban_member", { RoomId: liveID, MemberList_Account: ["fan"], Duration: 3600, Reason: "enough" });
await hears("phone", "unsubscribed", 2);
results.refused.banned = await refused(tablet, "live.joinLive", { liveID });
await rest("live_engine_http_srv/unban_member", { RoomId: liveID, MemberList_Account: ["fan"] });
await call(phone, "live.joinLive", { liveID });
await joined("phone", 3);

// A lost connection: what happens meanwhile comes afterwards.
phone.disconnect();
await rest("live_engine_http_srv/set_room_metadata", { RoomId: liveID, Metadata: [{ Key: "song", Value: "Ode" }] });
await until(() => events("host", "live.onRoomMetadataChanged").length === 1);
phone.connect();
await joined("phone", 4);
await hears("phone", "live.onRoomMetadataChanged");

// Another owner, who leaves and does not come back: the room ends by itself.
await rest("live_engine_http_srv/change_room_owner", { RoomId: liveID, NewOwner_Account: "mod" });
results.refused.formerOwner = await refused(host, "live.endLive");
await call(mod, "live.leaveLive");
await hears("phone", "live.onLiveEnded");
await Promise.all([hears("host", "unsubscribed"), hears("phone", "unsubscribed", 3)]);
results.refused.ended = await refused(phone, "live.joinLive", { liveID });

finish(results);
