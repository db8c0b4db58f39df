// What the scripts share: devices of app users, made with the official SDK, and the app server's calls.
import { Centrifuge } from "centrifuge";
import WebSocket from "ws";

export const env = JSON.parse(process.env.E2E);

// seen is what each device saw: its events, in person or in rooms, in their order; and how it was disconnected.
export const seen = {};

// connect makes a device and notes what it sees.
export function connect(name, { app = env.app, user = name, sig, platform = "Web" } = {}) {
  const device = new Centrifuge(env.url, {
    websocket: WebSocket,
    token: sig ?? env.sigs[user],
    data: { sdkAppID: app, userID: user, platform },
    minReconnectDelay: 10,
  });
  const log = (seen[name] = { events: [], subscribed: [], disconnected: null });
  device.on("publication", (p) => log.events.push(p.data));
  device.on("message", (m) => log.events.push({ ...m.data, inPerson: true }));
  device.on("subscribed", (s) => log.subscribed.push({ recovered: s.recovered, wasRecovering: s.wasRecovering }));
  device.on("unsubscribed", () => log.events.push({ event: "unsubscribed" }));
  device.on("disconnected", (d) => (log.disconnected = { code: d.code, reason: d.reason }));
  device.connect();
  return device;
}

// until waits for something to become true; the whole script is killed when it never does.
export async function until(what) {
  while (!what()) await new Promise((go) => setTimeout(go, 5));
}

export const call = async (device, method, params) => (await device.rpc(method, params)).data;

// refused returns the code with which a call is refused.
export async function refused(device, method, params) {
  try {
    await device.rpc(method, params);
  } catch (e) {
    return e.code;
  }
  return 0;
}

export const events = (name, event) => seen[name].events.filter((e) => e.event === event);

// hears waits until a device has seen the nth event of a kind, and returns its data.
export async function hears(name, event, nth = 1) {
  await until(() => events(name, event).length >= nth);
  return events(name, event)[nth - 1].data;
}

// rest calls a command as the app's administrator; it must succeed.
export async function rest(command, body) {
  const query = new URLSearchParams({ sdkappid: env.app, identifier: "administrator", usersig: env.adminSig, random: 1, contenttype: "json" });
  const answer = await fetch(`${env.rest}/v4/${command}?${query}`, { method: "POST", body: JSON.stringify(body) });
  const envelope = await answer.json();
  if (envelope.ErrorCode !== 0) throw new Error(`${command}: ${JSON.stringify(envelope)}`);
  return envelope;
}

// finish prints what the script found, as one JSON object.
export function finish(results) {
  console.log(JSON.stringify({ results, seen }));
  process.exit(0);
}
