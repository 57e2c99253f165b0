/* A task's life: outbox, hand-out, lease, fence, and a channel that knows no idempotency keys.
   Words of the model and of the code: README.md. Faults: crashes, pauses past the lease, Redis flushed. */
#ifndef BUG
#define BUG 0
#endif
#define CRASHES 2
#define PAUSES 2
#define RETURNS 1

mtype = { absent, pending, running, done, doubt };
mtype row = absent;   /* state of the row; done and doubt: it was settled */
byte fence, stream;   /* the row's fence; entries with its id in Redis */
bool lease;           /* lease_until > now() */
bool in_flight;       /* the delivery's mark: durable before the channel is touched */
bool handed;          /* what the relay remembers of handing it out */
bool acked;           /* the caller was answered */
byte sent;            /* accepted by the channel */
byte crashes, pauses, returns;
bool settled;         /* the row was moved once */
bool flushed, orphan; /* orphan: the holder died, so the lease will run out */

#define MINE (row == running && fence == mine)
#define FAULTS (crashes + pauses > 0)

inline settle(outcome) {
  assert(!settled);                     /* P1 a task is settled once */
  settled = true; row = outcome; lease = false;
  assert(outcome != doubt || FAULTS)    /* P2 in doubt only after a fault */
}

active proctype Caller() {
  if
  :: atomic { crashes < CRASHES -> crashes++; acked = (BUG == 1) } /* 1: answered before the commit */
  :: row = pending; acked = true
  fi
}

active proctype Relay() {
end:
  do
  :: atomic { row == pending && !handed && stream < 2 -> handed = true; stream++ }
  :: atomic { BUG != 2 && row == pending && handed -> handed = false } /* 2: trusts Redis */
  :: atomic { row == running && !lease && stream == 0 -> stream++ }
  od
}

active proctype World() {
end:
  do
  :: atomic { !flushed && stream > 0 -> flushed = true; stream = 0 }
  :: atomic { row == running && lease && orphan -> orphan = false; lease = false }
  :: atomic { row == running && lease && pauses < PAUSES -> pauses++; lease = false }
  od
}

active [2] proctype Worker() {
  byte mine;
end:
  do
  :: atomic {
       stream > 0 -> stream--;
       if
       :: row == pending || (row == running && (!lease || BUG == 3)) -> /* 3: claims a live task */
          row = running; lease = true; orphan = false; fence++; mine = fence
       :: else -> goto end
       fi };
     if
     :: atomic { in_flight && MINE -> settle(doubt) }; goto end
     :: atomic { in_flight && !MINE -> goto end }
     :: atomic { returns < RETURNS -> returns++; /* stopping: given back; 4: without fence */
          if :: MINE || (BUG == 4 && row != absent) -> row = pending; lease = false; handed = false :: else fi }; goto end
     :: atomic { !in_flight && !MINE -> goto end }
     :: atomic { !in_flight && MINE -> in_flight = (BUG != 5) } /* 5: not marked before the channel is touched */
     fi;
     atomic { sent = sent + (BUG != 7); assert(sent <= 1) };  /* P3 nothing is told twice; 7: done without having sent */
     if
     :: atomic { crashes < CRASHES -> crashes++; if :: MINE -> orphan = true :: else fi }
     :: atomic { if :: MINE || BUG == 6 -> settle(done) :: else fi } /* 6: settles without fence */
     fi
  od
}

active proctype Judge() {
  timeout -> assert(!acked || row == done || row == doubt);   /* P4 nothing acknowledged is lost */
  assert(row != done || sent == 1)                            /* P5 done means done */
}
