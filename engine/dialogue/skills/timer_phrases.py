"""How timers, alarms and reminders are spoken of. Pure, any thread."""

from __future__ import annotations

from engine.dialogue.moments import WEEKDAY
from engine.dialogue.phrasing import Phrases

_MAKE = (
    "(set | start | make | create | add | put on | begin | give me | i want | i need | run | new | get me"
    " | i would like)"
)
_CALL = "(wake | alert | notify | ping | buzz | nudge | warn | call | tell)"
_IS_OVER = "(is | are) (up | over | done | gone | past)"
SET_TIMER = Phrases(
    f"""
    {_MAKE} [a | an | the | another] [new] [<label:name>] timer (for | of | to | in) <length>
    {_MAKE} [a | an | the | another] [new] timer (for | of | to) <length> (for | called | named) [the] <title:text>
    {_MAKE} [a | an | the | another] <length> [<label:name>] (timer | countdown)
    {_MAKE} [a | an | the | another] <length> timer (for | called | named) [the] <title:text>
    {_MAKE} [a | an | the | another] timer (for | called | named) [the] <title:text> (for | of) <length>
    [a] timer [for | of] <length>
    <length> timer
    <label:name> timer [for] <length>
    time <length>
    [start | begin] (count down | countdown | counting down) [from | for] <length>
    ({_CALL} me [up] | beep | ring) (in | after) <length> [from now]
    (let me know | {_CALL} me | say so | shout | beep | ring) when <length> {_IS_OVER}
    (put | give me) <length> on the clock [for [the] <title:text>]
    set [an | the] alarm (in | for) <length> [from now]
    """,
    {"name": r"(?!(?:a|an|the|for|of|new|to|on|more) )[a-z]+(?: [a-z]+)?"},
)
TIMER_WITHOUT = Phrases(f"""
    {_MAKE} [a | an | the] [new] timer [for <n:number>]
    timer [for] [<n:number>]
""")
_WHEN = "[for | at | on] [<when>] [at | for | on] <clock> [<day:when>]"
_WHEN_SLOT = {
    "when": rf"(?:on )?(?:the )?(?:today|tonight|tomorrow|tomorrow morning|day after tomorrow|(?:next |this )?{WEEKDAY}"
    rf"|every day|daily|each day|every morning|every evening|weekdays|every weekday|on weekdays|weekends|on weekends"
    rf"|every weekend|every {WEEKDAY}|{WEEKDAY}s|(?:this |in the )?(?:morning|evening|afternoon))"
}
SET_ALARM = Phrases(
    f"""
    {_MAKE} [an | a | the | my | another] [new] [wake up] (alarm | alarm clock) {_WHEN}
    [an] alarm {_WHEN}
    {_MAKE} [an | a | the | my] <day:when> alarm (for | at) <clock>
    {_CALL} me [up] (at | by) <clock> [<day:when>]
    {_MAKE} [an | a | the | my] <clock> alarm [for | on] [<when>]
    wake me [up] {_WHEN}
    get me up {_WHEN}
    i (need | want | have) to (get | wake) up {_WHEN}
    """,
    _WHEN_SLOT,
)
ALARM_WITHOUT = Phrases(
    f"""
    {_MAKE} [an | a | the | my] [new] (alarm | alarm clock)
    (alarm | wake me up | wake me)
    {_MAKE} [an | a] alarm (for | on) <when>
    wake me [up] <when>
    """,
    _WHEN_SLOT,
)
_ME = "(remind me | do not let me forget | help me remember | make sure i remember)"
REMIND = Phrases(
    f"""
    remind me in <length> (to | that | about | of) <what:text>
    {_ME} (to | that | about | of) <what:text> in <length> [from now]
    remind me <when> [at] <clock> (to | that | about | of) <what:text>
    remind me (at | by) <clock> [<when>] (to | that | about | of) <what:text>
    {_ME} (to | that | about | of) <what:text> [<when>] at <clock> [<day:when>]
    {_ME} (to | that | about | of) <what:text> <when> [at <clock>]
    remind me <when> (to | that | about | of) <what:text>
    {_MAKE} [a | the] reminder (to | for | about) <what:text> (in <length> | [<when>] at <clock>)
    {_MAKE} [a | the] reminder (in <length> | [<when>] [at | for] <clock>) (to | for | about) <what:text>
    """,
    _WHEN_SLOT,
)
REMIND_WITHOUT = Phrases(f"""
    remind me
    {_ME} (to | that | about | of) <what:text>
    {_MAKE} [a | the] reminder
    {_MAKE} [a | the] reminder (to | for | about) <what:text>
""")
LEFT = Phrases(
    """
    how (much time | long | much longer | much) [is | do i have] [left | remaining] [on | in | for | until] \
        [the | my] [<label:name>] timer \
        [is done | goes off | ends | rings | left | have left]
    how (much time | long | much longer) (is left | left | remaining | do i have | do i have left | is there \
        | to go) [on it]
    how (much time | long) (does | has) [the | my] [<label:name>] timer (have | got) [left | to go]
    (what is left | time left | time remaining | remaining time) [on | in] [the | my] [<label:name>] [timer]
    when (is | will | does) [the | my] [<label:name>] timer [be] (done | up | finished | go off | end | ring | over)
    (check | show) [the | my] [<label:name>] (timer | timers)
    how (much time | long | much longer | much) [is there | do i have | is left | left] (on | for | until | till) \
        [the | my] <label:name> [is | are] [done | ready | finished | up | left]
    when (is | are) [the | my] <label:name> (done | ready | finished)
    timer status
    how is [the | my] timer [doing]
""",
    {"name": r"(?!(?:the|my|timers?|on|in) )[a-z]+(?: (?!timers? )[a-z]+)?"},
)
WHICH = Phrases("""
    (what | which) (alarms | timers | reminders) [do i have | are set | are there | are running | have i set \
        | are on | are active] [set | running]
    (list | show | tell | read) [me] [all] [the | my] (alarms | timers | reminders)
    (do i have | are there | is there | have i got) (any | an | a) (alarms | alarm | timers | timer | reminders | \
        reminder) [set | running]
    (when | what time | what) is (my | the) [next] alarm [set for | set to | set at | set]
    (when | what time) (will | does) (my | the) alarm (ring | go off)
    what is my next (alarm | reminder)
    (my | next) (alarms | alarm | timers | reminders)
    is (my | the) alarm (set | on)
    (do i have | is there | have i got) (anything | something) (set | running | coming up)
    what (is | do i have | have i) [got] (set | running | coming up)
""")
CANCEL = Phrases(
    """
    (cancel | stop | delete | clear | remove | turn off | end | kill | switch off | disable | forget) \
        [all | every | both | any] [of] [the | my | that] [<label:name>] \
        (timer | timers | alarm | alarms | reminder | reminders)
    (cancel | stop | delete | clear | remove | turn off) [the | my] <length> timer
    (cancel | stop | delete | clear | remove | turn off) [the | my] <clock> alarm
    (cancel | stop | delete | clear | remove | turn off) [the | my] alarm (for | at) <clock>
    (cancel | stop | delete | clear | remove) [the | my] timer (for | called) [the] <title:text>
    (cancel | delete | remove | forget) [the | my] reminder (to | about | for) <title:text>
    (do not | no need to) wake me [up]
    (cancel | clear | delete) (everything | all)
""",
    {
        "name": r"(?!(?:all|every|both|any|the|my|of|timers?|alarms?) )[a-z]+(?: (?!(?:timer|alarm)s? )[a-z]+)?"
    },
)
MOVE = Phrases(
    """
    (move | change | shift | set | push | reset | postpone | put) (my | the) alarm [back | forward | up] \
        (to | until | for) [<when>] <clock> [<day:when>]
""",
    _WHEN_SLOT,
)
SEVERAL = Phrases(f"""
    {_MAKE} (<n:number> | several | some | a few) timers [<text>]
""")
MORE = Phrases(
    """
    (add | give me | put) <length> [more] [to | on] [the | my] [timer]
    (add | give | put) [the | my] [another] <length> [more] (to | on) [the | my] <label:name> timer
    (extend | lengthen) [the | my] [<label:name>] timer by <length>
    <length> more
    (pause | resume | extend) [the | my] timer
""",
    {"name": r"(?!(?:the|my|more) )[a-z]+(?: (?!timer )[a-z]+)?"},
)
SNOOZE = Phrases("""
    snooze [the alarm | it] [for <length>]
    <length> more minutes
""")
