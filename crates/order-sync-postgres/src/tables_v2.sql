-- Version 2: the keys of sealed personal data, apart from what they open. The embedder's keys, which wrap them, are not here; proofs of
-- them lie in meta.

CREATE TABLE personal_keys (
    merchant text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    wrapped text NOT NULL,
    PRIMARY KEY (merchant, order_id, kind)
);
SELECT wall_off('personal_keys');
