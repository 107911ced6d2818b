// Follows a stream with the npm package `eventsource`: a line of JSON an event.
import { EventSource } from "eventsource";

const source = new EventSource(process.argv[2]);
const print = (event) =>
  console.log(JSON.stringify({ event: event.type, id: event.lastEventId, data: JSON.parse(event.data) }));
for (const name of ["message", "snapshot", "resume", "reset", "bye"]) source.addEventListener(name, print);
source.addEventListener("end", (event) => {
  print(event);
  source.close();
});
