"""The terminal's side: hospital and pharmacy systems scan, ask and settle in the national platform's transactions.

Where things are:

    parsing       a message's JSON: numbers by their digits, names that stand twice
    fields        what a message's fields hold, read with all problems at once; yuan outside, fen inside
    envelope      the national envelope: ``Transaction`` (declared), ``Message`` (read), and the answer
    infcodes      stable error code → infcode, for docs/infcodes.md
    edge          HTTP: ``transact(transaction, work)`` is a route's whole body; refusals become envelopes there
    institution   ``terminal_of``: who calls, at which institution, ``Place`` for the rules
    businesses    which scanned codes serve for what
    identify      ``identify``: person and insurance in force, by token or card, locked if money follows
    facts         what remote care and chronic disease tell (providers installed by the registry)
    inquiries     1101 and 5301
    decoding      the scan (POST /terminal/decode); ``scanned`` is what it asks of the database
    telling       that people hear of bills: one row in the outbox, the notices by the worker
    person_*      what people read of their own bills: who may (bills), words, views, schemas, routes
    summary       a person's year, benefit by benefit; ``statement`` puts it and the bills on paper and into CSV
    errors        what is refused here, each also in ``infcodes``

    bills         a bill's fields, what can be wrong with it, and ``Bill`` for the rules
    judging       what is paid of a bill and by whom: facts, accumulators, rules, accounts
    settling      2206 and 2207
    claims        the numbers of messages and bills, each used once; what keeps a reversed order from being paid
    accumulators  what a person has used of each benefit in a year
    undoing       2208 and 2601
    dependants    which later bills rest on one that is to be undone
    reconciling   3201; ``comparing`` does it bill by bill
    answers       setlinfo and what else these answer
    checking      do bills, ledger, numbers and accumulators agree? (``zhangban ledger check``)

A further transaction is: a ``Transaction`` with its ``Fields`` and checks; a function
``work(session, terminal, message) -> output``; an ``…EnvelopeAnswer`` in ``schemas``; a route of three lines, named in
``routes.TRANSACTIONS`` and in the registry (which may give it a larger ``max_bytes``); the infcodes of what it refuses.

For one that moves money: its numbers (``claims``) come first, then ``identify(…, purpose=Purpose.SETTLEMENT,
lock=True)``, which reads the person and locks him or her in one statement, then bill, accumulators and accounts.
Locks are taken in this order: numbers, person, bill, personal accounts by id (``ledger.lock_accounts_of``).
``Who.insured`` and ``Terminal.place`` are what ``benefits`` asks, ``facts.held_under`` and ``facts.facts().standing``
the rest of its question. ``settling.request_hash`` tells a retry from another body. ``Who.token`` is what
``vouchers.asking_use`` takes, and None for a card. Outputs are plain mappings, amounts by ``yuan_number``; what is
kept and given again is the output, for the envelope around it is new each time.
A refusal is raised, and rolls everything back: nothing that must stay may be written before one, unless in a
transaction of its own (``context().writing()``).
"""
