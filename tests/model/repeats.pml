/* Repeats: request ids under shared commits, with replies of PostgreSQL and of the service lost.
   Callers 0 and 1 send the same request id, 2 another, 3 the id of 0 with another body. */
#ifndef BUG
#define BUG 0
#endif
#define CALLERS 4
#define LOSSES 3

mtype = { idle, waiting, taken, committed, repeated, unknown, ended };
mtype state[CALLERS];
byte body_of[2];      /* backbone.idempotency: 0 no row, else the body it was stored for */
byte effects[2];      /* what the bodies stored, per request id */
bool acked[CALLERS];
byte losses;
short group[2];

#define ID(caller) (caller == 2 -> 1 : 0)
#define BODY(caller) (caller == 3 -> 2 : 1)
#define REPEATS(caller) (body_of[ID(caller)] != 0)
#define KNOWN(i) (group[i] >= 0)

inline store(caller) {
  effects[ID(caller)]++;
  body_of[ID(caller)] = (BUG == 4 && losses < LOSSES -> 0 : BODY(caller)); /* 4: the answer in a transaction of its own */
  assert(effects[ID(caller)] <= 1)      /* P1 done once */
}

inline answer(i, outcome) { if :: KNOWN(i) -> state[group[i]] = outcome; group[i] = -1 :: else fi }

/* One transaction: every member or none. A key that is there, or comes twice in the group, refuses it. */
inline flush() {
  if
  :: BUG != 1 && KNOWN(0) && REPEATS(group[0]) ->                /* 1: no unique key */
     if :: BUG == 2 -> answer(0, committed); answer(1, committed) /* 2: a refused group taken for committed */
        :: else -> answer(0, repeated) fi
  :: BUG != 1 && KNOWN(1) && (REPEATS(group[1]) || (KNOWN(0) && ID(group[0]) == ID(group[1]))) -> answer(1, repeated)
  :: else ->
     if
     :: losses < LOSSES -> losses++;                             /* lost before COMMIT was done */
        if :: BUG == 6 -> answer(0, committed); answer(1, committed)  /* 6: taken for committed */
           :: else -> answer(0, unknown); answer(1, unknown) fi
     :: true ->
        if :: KNOWN(0) -> store(group[0]) :: else fi;
        if :: KNOWN(1) -> store(group[1]) :: else fi;
        if :: losses < LOSSES -> losses++; answer(0, unknown); answer(1, unknown) /* lost after it */
           :: true -> answer(0, committed); answer(1, committed) fi
     fi
  fi
}

inline take(i, caller) {
  if :: state[caller] == waiting && !KNOWN(i) -> group[i] = caller; state[caller] = taken :: true fi
}

active proctype Leader() {
  group[0] = -1; group[1] = -1;
end:
  do
  :: atomic { (state[0] == waiting || state[1] == waiting || state[2] == waiting || state[3] == waiting) ->
       take(0, 0); take(0, 1); take(0, 2); take(0, 3); take(1, 0); take(1, 1); take(1, 2); take(1, 3) };
     do
     :: atomic { KNOWN(0) || KNOWN(1) -> flush() }   /* the rest is sent again */
     :: atomic { !KNOWN(0) && !KNOWN(1) -> break }
     od
  od
}

proctype Caller(byte me) {
  do
  :: atomic { state[me] == idle -> state[me] = waiting }
  :: atomic { state[me] == committed || (state[me] == repeated && body_of[ID(me)] == BODY(me)) ->
       if
       :: losses < LOSSES && state[me] == committed -> losses++; state[me] = idle  /* the service's reply is lost */
       :: true -> acked[me] = true; state[me] = ended;
          assert(effects[ID(me)] == 1);                  /* P2 acknowledged is done */
          assert(body_of[ID(me)] == BODY(me));  /* P3 the answer is that of this body */
          break
       fi }
  :: atomic { state[me] == repeated && body_of[ID(me)] != BODY(me) ->
       acked[me] = (BUG == 5); state[me] = ended;        /* 5: another body gets the first's answer */
       assert(!acked[me]);                               /* P4 REQUEST_ID_REUSED */
       break }
  :: atomic { state[me] == unknown -> if :: BUG == 3 -> body_of[ID(me)] = 0 :: else fi; state[me] = idle } /* 3: tried again under a new id */
  od
}

init {
  atomic {
    state[0] = idle; state[1] = idle; state[2] = idle; state[3] = idle;
    run Caller(0); run Caller(1); run Caller(2); run Caller(3)
  }
  timeout -> assert(state[0] == ended && state[1] == ended && state[2] == ended && state[3] == ended) /* P5 nobody hangs */
}
